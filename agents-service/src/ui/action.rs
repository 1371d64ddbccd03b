/// A link in the form of a button.
#[derive(Clone, Debug)]
pub struct Action {
    pub label: &'static str,
    pub href: String,
    /// It stops something.
    pub grave: bool,
}

impl Action {
    pub fn new(label: &'static str, href: impl Into<String>) -> Self {
        Self { label, href: href.into(), grave: false }
    }

    pub fn grave(label: &'static str, href: impl Into<String>) -> Self {
        Self { grave: true, ..Self::new(label, href) }
    }
}
