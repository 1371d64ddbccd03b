/// Replaces a secret wherever settings are shown.
const MASK: &str = "***";
/// Parts of the names of settings that are secret as a whole.
const SECRET: [&str; 3] = ["PASSWORD", "TOKEN", "NKEY"];

/// A setting's value for display: a secret is masked, and so is the secret part of a URL.
pub(super) fn masked(name: &str, value: &str) -> String {
    if SECRET.iter().any(|word| name.contains(word)) {
        return MASK.to_owned();
    }
    if !name.ends_with("_URL") {
        return value.to_owned();
    }
    without_secrets(value)
}

/// A URL, or several that are separated by commas, with masked secrets.
pub fn without_secrets(value: &str) -> String {
    // NATS takes several URLs in one value, and a password may hold any of the separators.
    let mut parts = value.split("://");
    let scheme = parts.next().unwrap_or_default();
    let shown = parts.map(without_secret).fold(scheme.to_owned(), |shown, part| format!("{shown}://{part}"));
    if value.contains("://") { shown } else { without_secret(value) }
}

/// The part after a scheme: `user:secret@place?password=secret`.
fn without_secret(rest: &str) -> String {
    let (user, place) = rest.rsplit_once('@').map_or((None, rest), |(user, place)| (Some(user), place));
    let user = match user.map(|user| user.split_once(':')) {
        Some(Some((user, _))) => format!("{user}:{MASK}@"),
        // NATS reads a user without a password as a token.
        Some(None) => format!("{MASK}@"),
        None => String::new(),
    };
    let Some((place, query)) = place.split_once('?') else { return format!("{user}{place}") };
    let parts = query.split('&').map(|part| match part.split_once('=') {
        Some((name, _)) if name.to_lowercase().contains("password") => format!("{name}={MASK}"),
        _ => part.to_owned(),
    });
    format!("{user}{place}?{}", parts.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown() {
        let shown = [
            ("SIGNPOST_SERVICE_TOKEN", "hunter22", "***"),
            ("SIGNPOST_DATABASE_URL", "postgres://a:hunt@er22@db:5432/a", "postgres://a:***@db:5432/a"),
            (
                "SIGNPOST_DATABASE_URL",
                "postgres://db/a?user=a&password=hunter22",
                "postgres://db/a?user=a&password=***",
            ),
            ("SIGNPOST_DATABASE_URL", "postgres://a:hunter22@one,two:5433/a", "postgres://a:***@one,two:5433/a"),
            ("SIGNPOST_DATABASE_URL", "sqlite:/data/agents.sqlite", "sqlite:/data/agents.sqlite"),
            ("SIGNPOST_NATS_URL", "nats://a:hunter22@n1:4222,nats://hunter22@n2", "nats://a:***@n1:4222,nats://***@n2"),
            ("SIGNPOST_NATS_URL", "nats://a:hun,ter22@n1,tls://n2", "nats://a:***@n1,tls://n2"),
            ("SIGNPOST_NATS_URL", "hunter22@n1", "***@n1"),
            ("SIGNPOST_LOG", "info", "info"),
        ];
        for (name, value, expected) in shown {
            assert_eq!(masked(name, value), expected);
        }
    }
}
