//! A minimal HTML reader, to fill in a page's form as a browser would.

use std::collections::HashMap;

use anyhow::{Context, Result};

/// A form of a page with method POST.
pub struct Form {
    pub action: String,
    pub fields: Vec<(String, String)>,
    required_boxes: Vec<(String, String)>,
}

impl Form {
    /// The first form.
    pub fn find(html: &str) -> Option<Self> {
        Self::all(html).next()
    }

    /// The first form that is sent to this path.
    pub fn sent_to(html: &str, path: &str) -> Option<Self> {
        Self::all(html).find(|form| form.action == path)
    }

    fn all(html: &str) -> impl Iterator<Item = Self> + '_ {
        html.match_indices("<form").filter_map(|(at, _)| Self::read(html[at..].split("</form>").next()?))
    }

    fn read(inside: &str) -> Option<Self> {
        let mut attributes = tags(inside, "form").next()?;
        attributes.get("method").filter(|method| method.eq_ignore_ascii_case("post"))?;
        let action = attributes.remove("action").unwrap_or_default();
        let mut form = Self { action, fields: Vec::new(), required_boxes: Vec::new() };
        for input in tags(inside, "input") {
            form.add_input(&input);
        }
        for field in tags(inside, "select").chain(tags(inside, "textarea")) {
            form.fields.extend(field.get("name").map(|name| (name.clone(), String::new())));
        }
        Some(form)
    }

    fn add_input(&mut self, input: &HashMap<String, String>) {
        let kind = input.get("type").map_or("text", String::as_str);
        let Some(name) = input.get("name") else { return };
        let value = input.get("value").cloned();
        match kind {
            "checkbox" | "radio" if input.contains_key("required") => {
                self.required_boxes.push((name.clone(), value.unwrap_or_else(|| "on".to_owned())));
            }
            "checkbox" | "radio" | "submit" => {}
            _ => self.fields.push((name.clone(), value.unwrap_or_default())),
        }
    }

    pub fn fill(&mut self, name: &str, value: &str) -> Result<()> {
        let field = self.fields.iter_mut().find(|(field, _)| field == name);
        value.clone_into(&mut field.with_context(|| format!("the form has no field {name}"))?.1);
        Ok(())
    }

    /// Ticks required check boxes.
    pub fn tick_what_is_required(&mut self) {
        self.fields.append(&mut self.required_boxes);
    }
}

/// The attributes of every tag of this name, in order.
fn tags<'a>(html: &'a str, name: &'a str) -> impl Iterator<Item = HashMap<String, String>> + 'a {
    let opening = format!("<{name}");
    let starts: Vec<usize> = html.match_indices(&opening).map(|(at, _)| at + opening.len()).collect();
    starts.into_iter().filter_map(|at| html.get(at..)).filter(|rest| rest.starts_with([' ', '>', '\n'])).map(attributes)
}

fn attributes(mut rest: &str) -> HashMap<String, String> {
    let mut found = HashMap::new();
    loop {
        rest = rest.trim_start();
        let end = rest.find(['=', ' ', '\n', '>', '/']).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        if let Some(quoted) = after.strip_prefix("=\"") {
            let (value, next) = quoted.split_once('"').unwrap_or((quoted, ""));
            found.insert(name.to_owned(), plain(value));
            rest = next;
        } else if let Some(bare) = after.strip_prefix('=') {
            let (value, next) = bare.split_at(bare.find([' ', '\n', '>']).unwrap_or(bare.len()));
            found.insert(name.to_owned(), plain(value));
            rest = next;
        } else {
            if !name.is_empty() {
                found.insert(name.to_owned(), String::new());
            }
            rest = after.strip_prefix('/').unwrap_or(after);
        }
        if rest.is_empty() || rest.starts_with('>') {
            return found;
        }
    }
}

fn plain(value: &str) -> String {
    let named = [("&#x27;", "'"), ("&#39;", "'"), ("&quot;", "\""), ("&#34;", "\""), ("&lt;", "<"), ("&gt;", ">")];
    let text = named.iter().fold(value.to_owned(), |text, (escape, sign)| text.replace(escape, sign));
    text.replace("&#x2f;", "/").replace("&#38;", "&").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_a_browser_reads_it() {
        let html = r#"<form method="get"></form><form method="post" action="/a?b=1&amp;c=2">
            <input type="hidden" name="proof" value="x&quot;y"><input name=email required/>
            <input type="checkbox" name="terms" value="2026" required><input type="checkbox" name="news">
            <select name="country" ><option value="DE"></select><button>Send</button></form>"#;
        let mut form = Form::find(html).unwrap();
        form.fill("email", "a@example.test").unwrap();
        form.tick_what_is_required();
        let expected = [("proof", "x\"y"), ("email", "a@example.test"), ("country", ""), ("terms", "2026")];
        assert_eq!(form.action, "/a?b=1&c=2");
        assert!(Form::sent_to(html, "/a?b=1&c=2").is_some() && Form::sent_to(html, "/a").is_none());
        assert_eq!(form.fields, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
