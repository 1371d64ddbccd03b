use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;

/// A value that many requests share, with a slot for one text that its reader derives from it, so that the text needs no
/// lookup of its own. The slot is no part of the value: a clone starts without the text, a change drops it, and equality
/// ignores it.
#[derive(Debug, Default)]
pub struct Shared<T> {
    value: T,
    derived: OnceLock<Box<str>>,
}

impl<T> Shared<T> {
    pub fn new(value: T) -> Self {
        Self { value, derived: OnceLock::new() }
    }

    /// The text, derived on first use. All callers must derive the same text.
    pub fn derived(&self, derive: impl FnOnce(&T) -> String) -> &str {
        self.derived.get_or_init(|| derive(&self.value).into())
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Shared<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.derived = OnceLock::new();
        &mut self.value
    }
}

impl<T: Clone> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self::new(self.value.clone())
    }
}

impl<T: PartialEq> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Shared<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_derived_once_and_left_behind_by_copies_and_changes() {
        let mut value = Shared::new(1);
        assert_eq!(value.derived(|_| "first".to_owned()), "first");
        assert_eq!(value.derived(|_| "second".to_owned()), "first");
        let copy = value.clone();
        assert_eq!(copy.derived(ToString::to_string), "1");
        assert_eq!(value, copy);
        *value += 1;
        assert_eq!(value.derived(ToString::to_string), "2");
    }
}
