//! The two faces behind the guard, and where their own pages are.

use contract::events::agents::Permission;

/// One of the two faces, by who sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// For operators.
    BackOffice,
    /// For agents who have this screen; without one, for every agent.
    Portal(Option<Permission>),
}

impl Audience {
    /// The name of the cookie with the session's secret.
    pub fn cookie(self) -> &'static str {
        match self {
            Self::BackOffice => "signpost_operator",
            Self::Portal(_) => "signpost_agent",
        }
    }

    /// Where one signs in.
    pub fn sign_in_path(self) -> &'static str {
        match self {
            Self::BackOffice => "/sign-in",
            Self::Portal(_) => "/portal/sign-in",
        }
    }

    /// Where one signs out.
    pub fn sign_out_path(self) -> &'static str {
        match self {
            Self::BackOffice => "/sign-out",
            Self::Portal(_) => "/portal/sign-out",
        }
    }

    /// Where one's own account is.
    pub fn account_path(self) -> &'static str {
        match self {
            Self::BackOffice => "/account",
            Self::Portal(_) => "/portal/account",
        }
    }

    /// Where one is after signing in.
    pub fn home(self) -> &'static str {
        match self {
            Self::BackOffice => "/",
            Self::Portal(_) => "/portal",
        }
    }
}
