use contract::events::agents::Permission;

/// One of the two faces of the service, with the paths of its own pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    BackOffice,
    /// For agents with this permission; `None` for every agent.
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

    pub fn sign_in_path(self) -> &'static str {
        match self {
            Self::BackOffice => "/sign-in",
            Self::Portal(_) => "/portal/sign-in",
        }
    }

    pub fn sign_out_path(self) -> &'static str {
        match self {
            Self::BackOffice => "/sign-out",
            Self::Portal(_) => "/portal/sign-out",
        }
    }

    pub fn account_path(self) -> &'static str {
        match self {
            Self::BackOffice => "/account",
            Self::Portal(_) => "/portal/account",
        }
    }

    /// The page of how the account has times and numbers.
    pub fn reading_path(self) -> &'static str {
        match self {
            Self::BackOffice => "/account/reading",
            Self::Portal(_) => "/portal/account/reading",
        }
    }

    /// The page of the lists that the account has saved.
    pub fn lists_path(self) -> &'static str {
        match self {
            Self::BackOffice => "/account/lists",
            Self::Portal(_) => "/portal/account/lists",
        }
    }

    /// The page that searches everything.
    pub fn search_path(self) -> &'static str {
        match self {
            Self::BackOffice => "/search",
            Self::Portal(_) => "/portal/search",
        }
    }

    /// The first page after sign-in.
    pub fn home(self) -> &'static str {
        match self {
            Self::BackOffice => "/",
            Self::Portal(_) => "/portal",
        }
    }
}
