//! A NATS server in operator mode: an operator, an account and a user, each with a JWT signed by the one before.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use harness::{Result, Value, json};
use nkeys::KeyPair;

/// The server's configuration, and a file with the user's credentials.
pub(super) fn operator_mode() -> Result<(String, String)> {
    let (operator, system) = (KeyPair::new_operator(), KeyPair::new_account());
    let (account, user) = (KeyPair::new_account(), KeyPair::new_user());
    let operator_jwt = signed(&operator, &operator, "operator", &json!({"type": "operator", "version": 2}))?;
    let unlimited = json!({
        "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1, "leaf": -1,
        "mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1,
    });
    let claims = json!({"type": "account", "version": 2, "limits": unlimited});
    let account_jwt = signed(&operator, &account, "account", &claims)?;
    let claims = json!({"type": "account", "version": 2});
    let system_jwt = signed(&operator, &system, "system", &claims)?;
    let claims = json!({"type": "user", "version": 2, "pub": {}, "sub": {}, "subs": -1, "data": -1, "payload": -1});
    let user_jwt = signed(&account, &user, "user", &claims)?;
    let config = format!(
        "operator: {operator_jwt}\nsystem_account: {1}\nresolver: MEMORY\n\
         resolver_preload {{ {0}: {account_jwt}, {1}: {system_jwt} }}\n",
        account.public_key(),
        system.public_key()
    );
    let credentials = format!(
        "-----BEGIN NATS USER JWT-----\n{user_jwt}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{}\n------END USER NKEY SEED------\n",
        user.seed()?
    );
    Ok((config, credentials))
}

fn signed(issuer: &KeyPair, subject: &KeyPair, name: &str, claims: &Value) -> Result<String> {
    let header = json!({"typ": "JWT", "alg": "ed25519-nkey"});
    let body = json!({
        "jti": name, "iat": 1_700_000_000, "iss": issuer.public_key(), "sub": subject.public_key(), "name": name, "nats": claims,
    });
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", encoded(&header), encoded(&body));
    let signature = URL_SAFE_NO_PAD.encode(issuer.sign(text.as_bytes())?);
    Ok(format!("{text}.{signature}"))
}
