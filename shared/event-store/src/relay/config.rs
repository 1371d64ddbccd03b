//! The configuration of a log's stream, and the faults of a stream that another tool configured.

use std::time::Duration;

use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use uuid::Uuid;

use crate::log::Identity;

/// The key of a stream's metadata that names the log it is a copy of.
const LOG_ID: &str = "signpost-log-id";

/// The configuration of a log's stream.
pub fn wanted(identity: &Identity, replicas: usize) -> Config {
    Config {
        name: identity.stream_name(),
        description: Some(format!("A copy of the log of {}: message n is event n", identity.source())),
        subjects: vec![subject(identity)],
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::New,
        storage: StorageType::File,
        num_replicas: replicas,
        deny_delete: true,
        deny_purge: true,
        allow_direct: true,
        metadata: [(LOG_ID.to_owned(), identity.log_id.to_string())].into(),
        first_sequence: Some(1),
        ..Config::default()
    }
}

/// The log that a stream states it is a copy of.
pub(super) fn log_id(config: &Config) -> Option<Uuid> {
    config.metadata.get(LOG_ID)?.parse().ok()
}

/// The repaired configuration of an existing stream: its own, except for what is wrong.
pub(super) fn mended(config: &Config, identity: &Identity, replicas: usize) -> Config {
    let wanted = wanted(identity, replicas);
    let metadata = wanted.metadata.into_iter().chain(config.metadata.clone()).collect();
    Config {
        description: config.description.clone().or(wanted.description),
        compression: config.compression.clone(),
        placement: config.placement.clone(),
        duplicate_window: config.duplicate_window,
        max_consumers: config.max_consumers,
        consumer_limits: config.consumer_limits.clone(),
        first_sequence: config.first_sequence,
        metadata,
        ..wanted
    }
}

/// Each setting that could lose, alter or refuse messages, and the wanted value; empty when there is none.
pub(super) fn faults(config: &Config, identity: &Identity) -> String {
    let subject = subject(identity);
    let unlimited = |limit: i64| limit <= 0;
    let none = "none";
    let checks = [
        (config.subjects == [subject.clone()], "subjects", config.subjects.join(" "), subject.as_str()),
        (unlimited(config.max_messages), "max_msgs", config.max_messages.to_string(), "unlimited"),
        (unlimited(config.max_bytes), "max_bytes", config.max_bytes.to_string(), "unlimited"),
        (config.max_age == Duration::ZERO, "max_age", format!("{:?}", config.max_age), "unlimited"),
        (unlimited(config.max_message_size.into()), "max_msg_size", config.max_message_size.to_string(), "unlimited"),
        (
            unlimited(config.max_messages_per_subject),
            "max_msgs_per_subject",
            config.max_messages_per_subject.to_string(),
            "unlimited",
        ),
        (config.retention == RetentionPolicy::Limits, "retention", format!("{:?}", config.retention), "Limits"),
        (config.discard == DiscardPolicy::New, "discard", format!("{:?}", config.discard), "New"),
        (config.storage == StorageType::File, "storage", format!("{:?}", config.storage), "File"),
        (config.deny_delete, "deny_delete", "false".to_owned(), "true"),
        (config.deny_purge, "deny_purge", "false".to_owned(), "true"),
        (!config.sealed, "sealed", "true".to_owned(), "false"),
        (!config.no_ack, "no_ack", "true".to_owned(), "false"),
        (!config.allow_message_ttl, "allow_msg_ttl", "true".to_owned(), "false"),
        (config.mirror.is_none(), "mirror", "set".to_owned(), none),
        (config.sources.as_ref().is_none_or(Vec::is_empty), "sources", "set".to_owned(), none),
        (config.subject_transform.is_none(), "subject_transform", "set".to_owned(), none),
        (config.republish.is_none(), "republish", "set".to_owned(), none),
    ];
    let wrong = checks.into_iter().filter(|(is_right, ..)| !is_right);
    let texts = wrong.map(|(_, name, found, wanted)| format!("{name} is {found}, wanted {wanted}"));
    texts.collect::<Vec<_>>().join("; ")
}

fn subject(identity: &Identity) -> String {
    format!("{}.v1.>", identity.service)
}

#[cfg(test)]
mod tests {
    use async_nats::jetstream::stream::Source;

    use super::*;

    type Change = fn(&mut Config);

    fn identity() -> Identity {
        Identity { service: "agents", log_id: Uuid::from_u128(7) }
    }

    #[test]
    fn the_relays_own_configuration_has_no_fault_and_names_its_log() {
        let config = wanted(&identity(), 3);
        assert_eq!(faults(&config, &identity()), "");
        assert_eq!(log_id(&config), Some(Uuid::from_u128(7)));
    }

    #[test]
    fn each_setting_that_could_lose_or_alter_messages_is_named_with_what_is_wanted() {
        let own = wanted(&identity(), 1);
        let changes: [(&str, Change); 14] = [
            ("subjects is agents.v1.> other, wanted agents.v1.>", |config| config.subjects.push("other".to_owned())),
            ("max_msgs is 9, wanted unlimited", |config| config.max_messages = 9),
            ("max_bytes is 9, wanted unlimited", |config| config.max_bytes = 9),
            ("max_age is 9s, wanted unlimited", |config| config.max_age = Duration::from_secs(9)),
            ("max_msg_size is 9, wanted unlimited", |config| config.max_message_size = 9),
            ("max_msgs_per_subject is 1, wanted unlimited", |config| config.max_messages_per_subject = 1),
            ("retention is Interest, wanted Limits", |config| config.retention = RetentionPolicy::Interest),
            ("discard is Old, wanted New", |config| config.discard = DiscardPolicy::Old),
            ("storage is Memory, wanted File", |config| config.storage = StorageType::Memory),
            ("deny_delete is false, wanted true", |config| config.deny_delete = false),
            ("deny_purge is false, wanted true", |config| config.deny_purge = false),
            ("sealed is true, wanted false", |config| config.sealed = true),
            ("mirror is set, wanted none", |config| {
                config.mirror = Some(Source::default());
            }),
            ("allow_msg_ttl is true, wanted false", |config| config.allow_message_ttl = true),
        ];
        for (fault, change) in changes {
            let mut config = own.clone();
            change(&mut config);
            assert_eq!(faults(&config, &identity()), fault);
            assert_eq!(faults(&mended(&config, &identity(), 1), &identity()), "", "{fault}");
        }
    }
}
