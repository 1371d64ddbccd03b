//! Texts that operators answer agents with: a part of the settings of its own.

use std::collections::BTreeSet;

use contract::canned_answers::CannedAnswer;
use contract::text::{Rule, folded};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::fields::{Fields, LONG};

pub const MAX_ANSWERS: usize = 50;
/// Longest texts together: an event holds them whole.
const MAX_BYTES: usize = 64 * 1024;
const NAME: Rule = Rule::line(1, 100);
/// As long as a message.
const TEXT: Rule = Rule { min: 1, ..LONG };

/// A text that is used in many answers.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "CannedAnswerGiven")]
pub struct CannedAnswerRequest {
    /// The name that it is chosen by; unique, whatever its case.
    #[schemars(required)]
    pub name: Option<String>,
    /// 1 to 4,000 characters, of one or several lines.
    #[schemars(required)]
    pub text: Option<String>,
}

/// The answers, given whole.
pub fn canned_answers(fields: &mut Fields, given: Vec<CannedAnswerRequest>) -> Vec<CannedAnswer> {
    let (mut answers, mut names) = (Vec::new(), BTreeSet::new());
    if given.len() > MAX_ANSWERS {
        fields.error("canned_answers", "too_many", format!("must be at most {MAX_ANSWERS} answers"));
    }
    for (index, answer) in given.into_iter().take(MAX_ANSWERS).enumerate() {
        let (at_name, at_text) = (format!("canned_answers.{index}.name"), format!("canned_answers.{index}.text"));
        let name = fields.required_trimmed(&at_name, answer.name, NAME);
        let text = fields.required_text(&at_text, answer.text.map(|text| text.replace("\r\n", "\n")), TEXT);
        if !names.insert(folded(&name)) {
            fields.error(&at_name, "duplicate", "must be the name of one answer only");
        }
        answers.push(CannedAnswer { name, text });
    }
    let bytes: usize = answers.iter().map(|answer| answer.text.len()).sum();
    if bytes > MAX_BYTES {
        let message = format!("must be shorter: all together have {bytes} bytes of {MAX_BYTES}");
        fields.error("canned_answers", "too_long", message);
    }
    answers
}
