//! HTML as tests read it: tags, attributes, and the skeleton of a page.

/// A tag as a browser reads it: its name, and its attributes with their values.
pub type Tag<'a> = (&'a str, Vec<(&'a str, &'a str)>);

pub fn tags(html: &str) -> Vec<Tag<'_>> {
    html.split('<').skip(1).map(tag).collect()
}

fn tag(rest: &str) -> Tag<'_> {
    let mut quoted = false;
    let end = rest.find(|letter| {
        quoted ^= letter == '"';
        !quoted && letter == '>'
    });
    let inside = &rest[..end.unwrap_or(rest.len())];
    let (name, rest) = inside.split_once(' ').unwrap_or((inside, ""));
    let parts: Vec<&str> = rest.split('"').collect();
    let attributes = parts.chunks(2).flat_map(|pair| {
        let value = pair.get(1).copied().unwrap_or_default();
        pair[0].split_whitespace().map(move |name| (name.trim_end_matches('='), value))
    });
    (name, attributes.collect())
}

/// The page's markup: its tags with the names of their attributes, without values and texts.
pub fn skeleton(html: &str) -> Vec<(&str, Vec<&str>)> {
    tags(html)
        .into_iter()
        .map(|(name, attributes)| (name, attributes.into_iter().map(|(name, _)| name).collect()))
        .collect()
}
