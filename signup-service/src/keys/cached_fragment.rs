//! A place beside a value for what is written of it, so that it is written once and found where the value is.
//! Knows nothing of what is written, or for whom.

use std::sync::OnceLock;

/// What is written of the value that this stands in. It is no part of the value: copies begin without, since they may come to
/// differ, and two values are the same whatever was written of them.
#[derive(Debug, Default)]
pub struct CachedFragment(OnceLock<Box<str>>);

impl CachedFragment {
    /// The text, written now if need be. Whoever asks must always write the same of the same value.
    pub fn or_write(&self, write: impl FnOnce() -> String) -> &str {
        self.0.get_or_init(|| write().into())
    }
}

impl Clone for CachedFragment {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for CachedFragment {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for CachedFragment {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_written_once_and_left_behind_by_copies() {
        let written = CachedFragment::default();
        assert_eq!(written.or_write(|| "first".to_owned()), "first");
        assert_eq!(written.or_write(|| "second".to_owned()), "first");
        let copy = written.clone();
        assert_eq!(copy.or_write(|| "of the copy".to_owned()), "of the copy");
        assert_eq!(written, copy);
    }
}
