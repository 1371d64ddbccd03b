//! What a page says about something that was done a moment ago. A link names a notice by its code, so that it cannot make a page
//! say anything else.

/// A notice that a page can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How a link names it.
    pub code: &'static str,
    /// What the page says.
    pub text: &'static str,
}

/// Something new was made.
pub const ADDED: Notice = Notice { code: "added", text: "Added." };
/// A form changed what it shows.
pub const CHANGED: Notice = Notice { code: "changed", text: "The change is made." };
/// A form was sent that changes nothing.
pub const UNCHANGED: Notice = Notice { code: "unchanged", text: "Nothing was changed: everything is as it was." };
/// Personal data was erased.
pub const ERASED: Notice = Notice { code: "erased", text: "Everything personal is erased." };
/// A message was sent.
pub const SENT: Notice = Notice { code: "sent", text: "The message is sent." };
/// Something was revoked.
pub const REVOKED: Notice = Notice { code: "revoked", text: "Revoked for good." };
