//! The texts of the pages that the flows use, in English. When a text changes, only this file changes.

/// The signup form and the pages after it.
pub mod signup {
    pub const FIRST_NAME: &str = "First name";
    pub const LAST_NAME: &str = "Last name";
    pub const EMAIL: &str = "E-mail address";
    pub const CONSENT: &str = "I agree to the terms";
    pub const SEND: &str = "Sign up";
    pub const LOOK_AGAIN: &str = "Please check these fields";
    pub const DONE: &str = "You have signed up";
    pub const NEXT: &str = "What happens next";
    pub const COPY_NUMBER: &str = "Copy the number";
    pub const COPIED: &str = "Copied";
    pub const PRINT: &str = "Print";
    pub const CONFIRMATION_GONE: &str = "This confirmation is no longer here";
    pub const MORE: &str = "More details";
    pub const COUNTRY: &str = "Country";
    pub const LANGUAGE: &str = "Language";
    pub const TIME_ZONE: &str = "Time zone";
    pub const CURRENCY: &str = "Currency";
    pub const NOTHING_HERE: &str = "There is nothing here";
    pub const TOO_FAST: &str = "That was a little fast";
    pub const TERMS_CHANGED: &str = "The terms have changed";
    pub const WAIT: &str = "then send the form again";
    pub const CHECKED: &str = "The check is done";
    pub const SEND_AGAIN: &str = "Send again";

    /// Each language by its tag: its direction, a text of the form, its button, and the title of its errors.
    pub const LANGUAGES: [(&str, &str, &str, &str, &str); 6] = [
        ("en", "ltr", FIRST_NAME, SEND, LOOK_AGAIN),
        ("es", "ltr", "Nombre", "Registrarme", "Revise estos campos"),
        ("fr", "ltr", "Prénom", "M’inscrire", "Vérifiez ces champs"),
        ("de", "ltr", "Vorname", "Jetzt registrieren", "Bitte prüfen Sie diese Felder"),
        ("pt", "ltr", "Nome", "Fazer a inscrição", "Verifique estes campos"),
        ("ar", "rtl", "الاسم الأول", "تسجيل", super::arabic::LOOK_AGAIN),
    ];

    /// The text for an unusable link, by the reason's name in the API.
    pub const UNUSABLE: [(&str, &str); 11] = [
        ("unknown", "We don't know this link"),
        ("revoked", "The link was withdrawn"),
        ("paused", "Signing up here is paused"),
        ("not_started", "This offer has not started yet"),
        ("ended", "This offer has ended"),
        ("exhausted", "All places are taken"),
        ("agent_suspended", "takes no new customers for now"),
        ("agent_closed", "takes no new customers any more"),
        ("plan_retired", "The call plan of this link was withdrawn"),
        ("grant_withdrawn", "does not sell this call plan"),
        ("group_not_agents", "has changed since the link was made"),
    ];
}

/// The form in Arabic.
pub mod arabic {
    pub const FIRST_NAME: &str = "الاسم الأول";
    pub const LAST_NAME: &str = "اسم العائلة";
    pub const EMAIL: &str = "البريد الإلكتروني";
    pub const PHONE: &str = "رقم الهاتف";
    pub const CONSENT: &str = "أوافق على الشروط";
    pub const SEND: &str = "تسجيل";
    pub const LOOK_AGAIN: &str = "يرجى التحقق من هذه الحقول";
    pub const REQUIRED: &str = "يرجى ملء هذا الحقل";
    pub const NO_EMAIL: &str = "يرجى إدخال بريد إلكتروني صحيح";
    pub const DONE: &str = "تم تسجيلك";
    pub const NUMBER: &str = "رقم العميل الخاص بك";
    pub const INVOICES: &str = "الفواتير";
    pub const MORE: &str = "بيانات إضافية";
    pub const PAUSED: &str = "التسجيل هنا متوقف مؤقتًا";
}

/// Sign-in of the back office and the portal, and the layout of their pages.
pub mod door {
    pub const LOGIN: &str = "Login";
    pub const PASSWORD: &str = "Password";
    pub const SIGN_IN: &str = "Sign in";
    pub const SIGN_OUT: &str = "Sign out";
    pub const NO_FIT: &str = "Wrong login or password";
    pub const NOTHING_HERE: &str = "There is nothing here";
    pub const TOO_MANY_TRIES: &str = "Too many tries";
    pub const NOT_ACTIVE: &str = "Your account is not active";
    pub const NOT_PERMITTED: &str = "Your account does not have this screen";
    /// Opens the menu on small screens.
    pub const MENU: &str = "Menu";
    pub const CURRENT_PASSWORD: &str = "Current password";
    pub const NEW_PASSWORD: &str = "New password";
    pub const NOT_THE_ONE: &str = "is not the one you signed in with";
    pub const PASSWORD_CHANGED: &str = "The password is changed";
}

/// Texts that the forms and lists of the back office and the portal share.
pub mod office {
    pub const CONFIRM: &str = "Confirm data";
    pub const SEARCH: &str = "Search";
    /// The search from every page, and its button.
    pub const FIND_ANYTHING: &str = "Find anything";
    pub const FIND: &str = "Find";
    pub const NEXT_PAGE: &str = "Next page";
    pub const ADDED: &str = "Added.";
    pub const CHANGED: &str = "The change is made";
    pub const REASON: &str = "Reason";
    /// The link after another person's change.
    pub const AS_IT_IS_NOW: &str = "Show it as it is now";
    pub const WHAT_WILL_HAPPEN: &str = "What will happen";
    pub const FAULTS: &str = "Please check these fields";
}

/// Agents.
pub mod agents {
    pub const ADD: &str = "Add agent";
    pub const NONE: &str = "No agents yet";
    pub const SEARCH: &str = "Login, name, company, city, phone or e-mail";
    pub const SCREENS: &str = "Screens of the portal";
    pub const THRESHOLD: &str = "Threshold remittance";
    pub const THRESHOLD_CURRENCY: &str = "Currency of the threshold";
    pub const NAME: &str = "Name";
    pub const COMMISSION: &str = "Commission in percent";
    pub const COMPANY: &str = "Company";
    pub const EMAIL: &str = "E-mail";
    pub const AS_IT_WAS_ON: &str = "As it was on";
    pub const NOT_THERE_YET: &str = "Not there yet";
    pub const SUSPENDED: &str = "The agent is suspended";
    pub const REINSTATED: &str = "The agent is reinstated";
    pub const CLOSED: &str = "The agent is closed for good";
}

/// Call plans and grants.
pub mod plans {
    pub const ADD: &str = "Add call plan";
    pub const ADD_USABLE: &str = "Add call plans";
    pub const USABLE: &str = "Call plans usable";
    pub const GRANTED: &str = "The call plans are usable now";
    pub const NOTHING_TO_SELL: &str = "No call plans yet. Add the plans";
    pub const NAME: &str = "Name";
    pub const DESCRIPTION: &str = "Description";
    pub const PRICE: &str = "Price";
    pub const WITHDRAW: &str = "Withdraw";
    pub const WITHDRAW_SEVERAL: &str = "Withdraw call plans";
    pub const WITHDRAWN: &str = "Withdrawn. What used it has stopped";
    pub const RETIRE: &str = "Retire";
    pub const RETIRE_FOR_GOOD: &str = "Retire for good";
    pub const RETIRED: &str = "The call plan is retired for good";
}

pub mod groups {
    pub const ADD: &str = "Add group";
    pub const NONE: &str = "No customer groups yet";
    pub const NAME: &str = "Name";
    pub const DESCRIPTION: &str = "Description";
    pub const AGENT: &str = "Agent";
    pub const MOVE: &str = "Move group";
    pub const STOPS: &str = "signup URL that joins it to its agent stops at once";
}

pub mod keys {
    /// The button behind the consequence of a change.
    pub const STOP: &str = "Stop the URL";
    pub const ADD: &str = "Add URL key";
    pub const AGENT: &str = "Agent who wants a signup key";
    pub const CHOOSE_AGENT: &str = "Choose this agent";
    pub const PLAN: &str = "Call plan to sign up for";
    pub const GROUP: &str = "Customer group to use";
    pub const LABEL: &str = "Label";
    pub const NOTE: &str = "Note";
    pub const SLUG: &str = "Custom ending (optional)";
    pub const START: &str = "Start";
    pub const END: &str = "End";
    pub const CAP: &str = "Maximum signups";
    pub const COPY: &str = "Copy";
    pub const COPY_CODE: &str = "Copy the code";
    pub const COPIED: &str = "Copied";
    pub const OPEN: &str = "Open";
    pub const QR_CODE: &str = "QR code";
    pub const PRINT: &str = "Print QR codes";
    pub const PAUSED: &str = "The signup URL is paused";
    pub const RESUMED: &str = "The signup URL is resumed";
    pub const REVOKED: &str = "Revoked for good";
    /// The warning about the manual's mistake, on the pages of signup URLs and in the settings.
    pub const LOCALHOST: &str = "so visitors elsewhere cannot open this URL";
    pub const NOT_HTTPS: &str = "does not begin with https";
    pub const INTERFACE_URL: &str = "Customer Interface URL";
}

/// System settings, and the check of the Customer Interface URL.
pub mod settings {
    pub const TITLE: &str = "System settings";
    pub const CHECK: &str = "Check the URL";
    pub const CHECK_INSIDE: &str = "Check it all the same";
    pub const ANSWERS: &str = "The signup pages answer";
    pub const NOT_OURS: &str = "Something answers, but not the signup pages";
    pub const NO_CONNECTION: &str = "no connection is made";
    pub const NO_URL: &str = "is not a URL";
    /// The agent's text for a fault that only the operator can repair.
    pub const TELL_THE_OPERATOR: &str = "Please tell the operator";
    pub const TERMS_VERSION: &str = "Version of the terms";
    pub const TERMS_TEXT: &str = "Text of the terms";
    pub const NAME: &str = "Name";
    pub const COLOUR: &str = "Colour";
    pub const LOGO: &str = "Logo";
    pub const NO_PICTURE: &str = "Show no picture";
    pub const CURRENT_PICTURE: &str = "The picture that is shown now";
    pub const FRAMES: &str = "Sites that may show the form in a frame";
}

pub mod customers {
    pub const SEARCH: &str = "Number, name, e-mail, phone, company or city";
    pub const PROOF: &str = "Proof";
    pub const ERASE: &str = "Erase";
    pub const ERASE_FOR_GOOD: &str = "Erase for good";
    pub const ERASED: &str = "Everything personal is erased";
}

pub mod messages {
    pub const MESSAGE: &str = "Message";
    pub const SEND: &str = "Send";
    pub const SENT: &str = "The message is sent";
    pub const NONE: &str = "No message yet";
    pub const NOBODY_WROTE: &str = "Nobody has written yet";
}

/// Payments, ledgers and payouts.
pub mod money {
    pub const REQUEST: &str = "Request a payout";
    pub const SEND_REQUEST: &str = "Request the payout";
    pub const REQUESTED: &str = "The payout is requested";
    pub const TAKE_BACK: &str = "Take the request back";
    pub const CANCELLED: &str = "The request is taken back";
    pub const PAYOUT_APPROVED: &str = "The payout is approved";
    pub const PAY: &str = "Mark as paid";
    pub const PAYOUT_PAID: &str = "The payout is recorded as paid";
    pub const FREE_AGAIN: &str = "The amount is free again";
    pub const WHOSE: &str = "Say whose it is";
    pub const ATTRIBUTE: &str = "Write the commission";
    pub const ATTRIBUTED: &str = "The payment has its customer";
    pub const CORRECT: &str = "Correct the balance";
    pub const CORRECTED: &str = "The balance is corrected";
}
