/// A notice about the last action. A link names a notice by its code, so that it cannot make a page show another
/// text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The name in a link.
    pub code: &'static str,
    pub text: &'static str,
}

pub const ADDED: Notice = Notice { code: "added", text: "Added." };
pub const CHANGED: Notice = Notice { code: "changed", text: "The change is made." };
pub const UNCHANGED: Notice = Notice { code: "unchanged", text: "Nothing was changed: everything is as it was." };
pub const ERASED: Notice = Notice { code: "erased", text: "Everything personal is erased." };
pub const SENT: Notice = Notice { code: "sent", text: "The message is sent." };
pub const REVOKED: Notice = Notice { code: "revoked", text: "Revoked for good." };
