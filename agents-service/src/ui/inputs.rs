//! The inputs of a form, each with its label, hint and violation, and the page that shows them. Nouns declare their
//! forms; this file and `form.html` determine the look.

use askama::Template;
use contract::ids::new_id;

use crate::ui::action::Action;
use crate::ui::form::{FormData, ONCE, TOKEN, VERSION};
use crate::ui::layout::Layout;
use crate::ui::page_query::OLDEST_FIRST;
use crate::ui::table::Table;

/// The kind of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One line, by HTML's name of the type: `text`, `email`, `url`, `password`, `number`, `datetime-local`...
    Line(&'static str),
    Lines,
    Choice(Vec<Choice>),
    Many(Vec<Choice>),
    /// A PNG file, with the base64 of the current one.
    Picture(String),
    /// A file of these kinds.
    File(&'static str),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

#[derive(Clone, Debug)]
pub struct Input {
    pub name: &'static str,
    pub label: &'static str,
    pub kind: Kind,
    pub value: String,
    pub hint: Option<String>,
    pub required: bool,
    pub autocomplete: &'static str,
    pub error: Option<String>,
    /// A password that was typed before, sealed.
    pub kept: Option<String>,
    /// What a script shows before the typed text, to preview what becomes of it.
    pub preview: Option<String>,
    /// A value that a script fills in with one click, and the label of its button.
    pub quick: Option<(&'static str, String)>,
}

impl Input {
    /// The hint below the input.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    #[must_use]
    pub fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// The `autocomplete` value in HTML.
    #[must_use]
    pub fn autocomplete(self, autocomplete: &'static str) -> Self {
        Self { autocomplete, ..self }
    }

    /// The beginning of what is made of the typed text.
    #[must_use]
    pub fn preview(self, beginning: impl Into<String>) -> Self {
        Self { preview: Some(beginning.into()), ..self }
    }

    /// A value for one click.
    #[must_use]
    pub fn quick(self, label: &'static str, value: impl Into<String>) -> Self {
        Self { quick: Some((label, value.into())), ..self }
    }

    /// The name as an HTML id.
    pub fn id(&self) -> String {
        self.name.trim_end_matches("[]").replace('.', "-")
    }
}

impl FormData {
    /// An input of one line.
    pub fn line(&self, kind: &'static str, name: &'static str, label: &'static str) -> Input {
        if kind == "password" {
            return self.password(name, label);
        }
        self.input(name, label, Kind::Line(kind), &self.shown(name))
    }

    /// A password is never shown again: a refused form keeps it sealed.
    fn password(&self, name: &'static str, label: &'static str) -> Input {
        let mut input = self.input(name, label, Kind::Line("password"), "");
        input.kept = self.sealed(name).filter(|_| self.notice.is_some());
        if self.notice.is_some() && input.kept.is_none() && !self.value(name).is_empty() {
            input.error.get_or_insert_with(|| "has to be typed again".into());
        }
        input
    }

    /// The choice of a list's order by position.
    pub fn order(&self) -> Input {
        self.choice("sort", "Order", Some("Newest first"), [(OLDEST_FIRST, "Oldest first")])
    }

    /// The choice of a list's order by position or name.
    pub fn order_or_name(&self) -> Input {
        let others = [(OLDEST_FIRST, "Oldest first"), ("name", "By name"), ("-name", "By name, last first")];
        self.choice("sort", "Order", Some("Newest first"), others)
    }

    /// An input of one line of text.
    pub fn typed(&self, name: &'static str, label: &'static str) -> Input {
        self.line("text", name, label)
    }

    /// An input of several lines.
    pub fn lines(&self, name: &'static str, label: &'static str) -> Input {
        self.input(name, label, Kind::Lines, self.value(name))
    }

    /// One choice of a list; `none` is the label of the empty choice.
    pub fn choice<V: Into<String>, L: Into<String>>(
        &self,
        name: &'static str,
        label: &'static str,
        none: Option<&str>,
        choices: impl IntoIterator<Item = (V, L)>,
    ) -> Input {
        let none = none.map(|label| (String::new(), label.to_owned()));
        let choices = none.into_iter().chain(choices.into_iter().map(|(value, label)| (value.into(), label.into())));
        let choices = choices.map(|(value, label)| self.choice_of(name, value, label)).collect();
        self.input(name, label, Kind::Choice(choices), "")
    }

    /// Several choices of a list, as check boxes.
    pub fn many<V: Into<String>, L: Into<String>>(
        &self,
        name: &'static str,
        label: &'static str,
        choices: impl IntoIterator<Item = (V, L)>,
    ) -> Input {
        let choices = choices.into_iter().map(|(value, label)| self.choice_of(name, value.into(), label.into()));
        self.input(name, label, Kind::Many(choices.collect()), "")
    }

    /// A picture to choose; without a choice the current one stays.
    pub fn picture(&self, name: &'static str, label: &'static str, current: &str) -> Input {
        self.input(name, label, Kind::Picture(current.to_owned()), "")
    }

    /// A file to choose, of these kinds: suffixes, or media types.
    pub fn file(&self, name: &'static str, label: &'static str, kinds: &'static str) -> Input {
        self.input(name, label, Kind::File(kinds), "")
    }

    fn choice_of(&self, name: &str, value: String, label: String) -> Choice {
        Choice { chosen: self.is_chosen(name, &value), value, label }
    }

    fn input(&self, name: &'static str, label: &'static str, kind: Kind, value: &str) -> Input {
        let error = self.error(name).map(str::to_owned);
        Input {
            name,
            label,
            kind,
            value: value.to_owned(),
            hint: None,
            required: false,
            autocomplete: "off",
            error,
            kept: None,
            preview: None,
            quick: None,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Section {
    /// Empty for a form of one section.
    pub legend: &'static str,
    pub inputs: Vec<Input>,
}

#[derive(Template)]
#[template(path = "form.html")]
pub struct FormPage {
    pub layout: Layout,
    /// The consequences, one by one, shown before something is stopped.
    pub consequences: Vec<String>,
    /// What the form is about, in rows.
    pub table: Option<Table>,
    pub notice: Option<String>,
    /// The thing was changed since the page showed it.
    pub is_outdated: bool,
    pub action: String,
    pub hidden: Vec<(&'static str, String)>,
    pub login: Option<String>,
    pub sections: Vec<Section>,
    pub submit: &'static str,
    /// There is something to submit.
    pub can_submit: bool,
    /// There is a second button, which comes back for another thing of the kind.
    pub again: bool,
    /// It stops something, or cannot be undone.
    pub grave: bool,
    /// The target of "cancel".
    pub back: String,
    /// Further actions.
    pub actions: Vec<Action>,
}

impl FormPage {
    /// A page with a form for `action`.
    pub fn new(layout: Layout, data: &FormData, action: impl Into<String>, sections: Vec<Section>) -> Self {
        let hidden = vec![(TOKEN, layout.token.clone()), (ONCE, new_id().to_string())];
        Self {
            layout,
            consequences: Vec::new(),
            table: None,
            notice: data.notice.clone(),
            is_outdated: data.is_outdated,
            action: action.into(),
            hidden,
            login: None,
            sections,
            submit: "Confirm data",
            can_submit: true,
            again: false,
            grave: false,
            back: String::new(),
            actions: Vec::new(),
        }
    }

    /// The version of the shown thing.
    #[must_use]
    pub fn at_version(self, version: u64) -> Self {
        self.hiding(VERSION, version.to_string())
    }

    /// Adds a hidden value.
    #[must_use]
    pub fn hiding(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.hidden.push((name, value.into()));
        self
    }

    /// The login of the password, for the browser's password manager.
    #[must_use]
    pub fn of_login(self, login: &str) -> Self {
        Self { login: Some(login.to_owned()), ..self }
    }

    /// The label of the button.
    #[must_use]
    pub fn submit(self, submit: &'static str) -> Self {
        Self { submit, ..self }
    }

    /// Adds the button for another thing of the kind, which [`Form::wants_another`] tells of.
    ///
    /// [`Form::wants_another`]: crate::ui::form::Form::wants_another
    #[must_use]
    pub fn again(self) -> Self {
        Self { again: true, ..self }
    }

    /// The target of "cancel".
    #[must_use]
    pub fn back(self, back: impl Into<String>) -> Self {
        Self { back: back.into(), ..self }
    }

    /// Whether a file is sent, which needs another encoding.
    fn has_files(&self) -> bool {
        self.sections
            .iter()
            .flat_map(|section| &section.inputs)
            .any(|input| matches!(input.kind, Kind::Picture(_) | Kind::File(_)))
    }

    /// Violations with links to their inputs.
    fn faults(&self) -> impl Iterator<Item = &Input> {
        self.sections.iter().flat_map(|section| &section.inputs).filter(|input| input.error.is_some())
    }
}
