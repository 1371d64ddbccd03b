use axum::http::Method;

/// The tag of the operations on a path: the noun that it begins with.
pub(super) fn tag(path: &str) -> &str {
    let noun = path.strip_prefix("/api/v1/").unwrap_or(path);
    noun.split(['/', ':']).next().unwrap_or(noun)
}

/// The id that method and path make, such as `listAgents`, `createAgent`, `updateAgent` and `suspendAgent`.
pub(super) fn operation_id(method: &Method, path: &str) -> String {
    let is_plural = |word: &str| word.ends_with('s') && !word.ends_with("is");
    let singular = |word: &str| word.strip_suffix('s').filter(|_| is_plural(word)).unwrap_or(word).to_owned();
    let (mut words, mut is_of_one) = (Vec::<String>::new(), false);
    for segment in path.strip_prefix("/api/v1/").unwrap_or(path).split(['/', ':']) {
        is_of_one = segment.starts_with('{');
        if !is_of_one {
            words.push(segment.to_owned());
        } else if let Some(noun) = words.last_mut() {
            *noun = singular(noun);
        }
    }
    let last = words.last().cloned().unwrap_or_default();
    let verb = match *method {
        Method::GET if is_plural(&last) && !is_of_one => "list".to_owned(),
        Method::GET => "get".to_owned(),
        Method::PATCH => "update".to_owned(),
        Method::POST if is_plural(&last) => {
            words.pop();
            words.push(singular(&last));
            "create".to_owned()
        }
        Method::POST => words.pop().unwrap_or_default(),
        _ => method.as_str().to_lowercase(),
    };
    let parts = words.iter().flat_map(|word| word.split(['-', '.', '_']));
    parts.fold(verb, |id, part| {
        let (first, rest) = part.split_at(part.len().min(1));
        id + &first.to_uppercase() + rest
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn method_and_path_make_an_id() {
        let id = |method: Method, path: &str| operation_id(&method, &format!("/api/v1/{path}"));
        assert_eq!(id(Method::GET, "agents"), "listAgents");
        assert_eq!(id(Method::POST, "agents"), "createAgent");
        assert_eq!(id(Method::POST, "agents:batch"), "batchAgents");
        assert_eq!(id(Method::PATCH, "call-plans/{id}"), "updateCallPlan");
        assert_eq!(id(Method::POST, "agents/{id}/suspend"), "suspendAgent");
        assert_eq!(id(Method::POST, "agents/{id}/messages"), "createAgentMessage");
        assert_eq!(id(Method::GET, "signup-keys/{key}/qr.svg"), "getSignupKeyQrSvg");
        assert_eq!(id(Method::GET, "analysis"), "getAnalysis");
        assert_eq!(id(Method::DELETE, "agents/{id}/call-plans/{call_plan_id}"), "deleteAgentCallPlan");
    }

    #[test]
    fn the_noun_is_the_tag() {
        assert_eq!(tag("/api/v1/agents:batch"), "agents");
        assert_eq!(tag("/api/v1/agents/{id}/messages"), "agents");
    }
}
