//! The published contract: schemas and AsyncAPI match the code, and every sample ever released can still be read.
//! `UPDATE_CONTRACTS=1` rewrites schemas and descriptions, and adds missing samples.

use std::collections::BTreeMap;
use std::path::PathBuf;

use contract::clock::Moment;
use contract::commission::AgentCommission;
use contract::events::agents::*;
use contract::events::signup_keys::*;
use contract::events::signups::*;
use contract::events::{Contract, EventType, schema_name};
use contract::money::{Currency, Money, Percent};
use contract::note::Note;
use contract::roles::OperatorRole;
use contract::tax::VatKind;
use event_store::log::{CommandMark, EventHash, Identity, RecordedEvent};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{money_samples, settings_sample, webhook_samples};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../contract/schemas")
}

fn updating() -> bool {
    std::env::var("UPDATE_CONTRACTS").is_ok()
}

/// Compares a committed file with the code's, or writes it.
fn keep(path: &std::path::Path, value: &Value) {
    keep_text(path, &format!("{}\n", serde_json::to_string_pretty(value).unwrap()));
}

fn keep_text(path: &std::path::Path, text: &str) {
    if updating() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == text, "{} is not current: UPDATE_CONTRACTS=1 writes it anew", path.display());
}

fn all_types() -> Vec<EventType> {
    AgentsEvent::types().into_iter().chain(SignupsEvent::types()).collect()
}

#[test]
fn the_committed_schemas_are_those_of_the_code() {
    for event_type in all_types() {
        let mut schema = (event_type.schema)().to_value();
        schema["$id"] = schema_name(event_type.name).into();
        keep(&folder().join(format!("{}.json", event_type.name)), &schema);
    }
}

#[test]
fn the_committed_description_of_the_streams_is_that_of_the_code() {
    let mut channels = serde_json::Map::new();
    let mut operations = serde_json::Map::new();
    for (stream, root, types) in [
        ("AGENTS", AgentsEvent::SUBJECT_ROOT, AgentsEvent::types()),
        ("SIGNUPS", SignupsEvent::SUBJECT_ROOT, SignupsEvent::types()),
    ] {
        for event_type in types {
            let address = format!("{root}.{}.{}.{{id}}", event_type.entity, event_type.verb);
            channels.insert(event_type.name.to_owned(), channel(stream, &address, &event_type));
            let channel = json!({ "$ref": format!("#/channels/{}", event_type.name) });
            operations.insert(event_type.name.to_owned(), json!({ "action": "send", "channel": channel }));
        }
    }
    let document = json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Signpost's streams",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Message n of a stream is event n of its log: ordered, gapless, replayable. CloudEvents 1.0, binary mode.",
            "license": { "name": "Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
    });
    keep(&folder().join("asyncapi.json"), &document);
}

fn channel(stream: &str, address: &str, event_type: &EventType) -> Value {
    let text = |meaning: &str| json!({ "type": "string", "description": meaning });
    let headers = json!({
        "type": "object",
        "required": ["ce-specversion", "ce-id", "ce-source", "ce-type", "ce-time", "ce-subject", "ce-dataschema",
            "ce-sequence", "ce-hash", "ce-logid", "ce-stream", "ce-streamversion", "ce-actor", "ce-datacontenttype"],
        "properties": {
            "ce-specversion": { "const": "1.0" },
            "ce-id": text("UUID version 7"),
            "ce-source": text("the service"),
            "ce-type": { "const": event_type.name },
            "ce-time": text("when it was appended, RFC 3339"),
            "ce-subject": text("the subject"),
            "ce-dataschema": { "const": schema_name(event_type.name) },
            "ce-sequence": text("position in the log and sequence in the stream, 20 digits"),
            "ce-hash": text("SHA-256 over the hash before and this event, by the recipe in HASH_CHAIN.md"),
            "ce-logid": text("the log's own id"),
            "ce-stream": text("the stream of the log, one for each thing that has a history"),
            "ce-streamversion": text("position in that stream"),
            "ce-actor": text("who asked for it"),
            "ce-command": text("with a command's last event: two keyed digests, of its id and of what it asked"),
            "ce-agentid": text("the agent whom it concerns, as the data say; absent where it concerns none"),
            "ce-datacontenttype": { "const": "application/json" },
            "ce-traceparent": text("W3C trace context of the request that caused it"),
        },
    });
    json!({
        "address": address,
        "description": format!("In the JetStream stream {stream}."),
        "parameters": { "id": { "description": "whom it concerns" } },
        "messages": { "event": {
            "name": event_type.name,
            "headers": headers,
            "payload": { "$ref": format!("./{}.json", event_type.name) },
        } },
    })
}

/// The vectors of `schemas/HASH_CHAIN.md`: a log of three events.
#[test]
fn the_committed_hash_chain_is_that_of_the_code() {
    let id = |number| Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number);
    let identity = Identity { service: "agents", log_id: id(1) };
    let command = CommandMark { id: [0xab; 16], request: [0xcd; 16] };
    let (mut before, mut lines) = (EventHash([0; 32]), String::new());
    for (position, version, command, data) in [
        (1, 1, None, format!(r#"{{"agent_id":"{}","fields":["city"]}}"#, id(2))),
        (2, 2, Some(command), format!(r#"{{"agent_id":"{}","reason":null}}"#, id(2))),
        (3, 3, None, format!(r#"{{ "agent_id": "{}", "reason": "Zoë, 李" }}"#, id(2))),
    ] {
        let mut event = RecordedEvent {
            position,
            event_id: id(u128::from(position) + 2),
            stream: format!("agent-{}", id(2)),
            version,
            type_name: "signpost.agents.agent_suspended.v1".to_owned(),
            subject: format!("agents.v1.agent.suspended.{}", id(2)),
            data,
            recorded_at: Moment::from_micros(1_767_225_600_000_000),
            actor: "system".to_owned(),
            cause: None,
            command,
            hash: before,
        };
        event.hash = event.chain(&before, &identity);
        before = event.hash;
        lines.push_str(&event.to_json(&identity).unwrap());
        lines.push('\n');
    }
    keep_text(&folder().join("hash_chain.ndjson"), &lines);
}

/// One sample of each type; released samples in `schemas/samples` are never rewritten.
#[test]
fn every_sample_ever_released_still_reads_and_means_the_same() {
    let agents = agents_samples().into_iter().map(|event| (event.event_type().name, event.data().unwrap()));
    let signups = signups_samples().into_iter().map(|event| (event.event_type().name, event.data().unwrap()));
    let samples: BTreeMap<&str, String> = agents.chain(signups).collect();
    for event_type in all_types() {
        let name = event_type.name;
        let data: Value = serde_json::from_str(samples.get(name).expect("each type has a sample")).unwrap();
        let path = folder().join("samples").join(format!("{name}.json"));
        if updating() && !path.exists() {
            keep(&path, &data);
        }
        let released: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let text = released.to_string();
        let again = match AgentsEvent::read(name, &text).unwrap() {
            Some(event) => event.data().unwrap(),
            None => SignupsEvent::read(name, &text).unwrap().expect("known").data().unwrap(),
        };
        let again: Value = serde_json::from_str(&again).unwrap();
        for (member, value) in released.as_object().unwrap() {
            assert_eq!(again.get(member), Some(value), "{name}: {member} no longer means what it did");
        }
    }
}

const AGENTS_ID: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);

fn reason() -> String {
    "contract ended".to_owned()
}

fn name() -> String {
    "VoIP".to_owned()
}

fn agents_samples() -> Vec<AgentsEvent> {
    [agent_samples(), offer_samples(), back_office_samples(), money_samples::all(), webhook_samples::all()].concat()
}

fn agent_samples() -> Vec<AgentsEvent> {
    let id = AGENTS_ID;
    let euro = Currency::parse("EUR").unwrap();
    let terms = AgentTerms {
        name: "Zoë's Phones 李".to_owned(),
        permissions: vec![Permission::Customers, Permission::SignupUrls],
        remittance_threshold: Money::new("100.00".parse().unwrap(), euro).unwrap(),
        commission: Percent::parse("12.5").unwrap(),
        currency: euro,
        language: "en".to_owned(),
        vat: Percent::parse("19").unwrap(),
        vat_kind: VatKind::default(),
        commission_terms: AgentCommission::default(),
        hold_days: None,
        remittance_thresholds: Vec::new(),
    };
    vec![
        AgentCreated { agent_id: id, terms: terms.clone(), login_digest: "3f9a".repeat(8) }.into(),
        AgentChanged { agent_id: id, terms }.into(),
        AgentContactChanged { agent_id: id, fields: vec!["city".to_owned()] }.into(),
        AgentPasswordChanged { agent_id: id }.into(),
        AgentSuspended { agent_id: id, reason: reason().into() }.into(),
        AgentReinstated { agent_id: id, reason: Note::Absent }.into(),
        AgentClosed { agent_id: id, reason: reason().into() }.into(),
        AgentErased { agent_id: id, reason: reason().into() }.into(),
        CallPlanGranted { agent_id: id, call_plan_id: id }.into(),
        GrantCommissionChanged { agent_id: id, call_plan_id: id, commission: money_samples::own_terms() }.into(),
        CallPlanWithdrawn { agent_id: id, call_plan_id: id, reason: reason().into(), keys_stopped: 3 }.into(),
    ]
}

fn offer_samples() -> Vec<AgentsEvent> {
    let id = AGENTS_ID;
    let (key, description) = (|| "7K3MZ9XQ2WAB".to_owned(), || "Calls over the internet".to_owned());
    vec![
        CallPlanCreated {
            call_plan_id: id,
            name: name(),
            description: description(),
            price_text: "1 ct".to_owned(),
            commission: money_samples::own_terms(),
        }
        .into(),
        CallPlanChanged {
            call_plan_id: id,
            name: name(),
            description: description(),
            price_text: String::new(),
            commission: None,
        }
        .into(),
        CallPlanRetired { call_plan_id: id, reason: Note::Absent }.into(),
        GroupCreated { group_id: id, name: name(), description: description(), ui_elements: vec![UiElement::Did] }
            .into(),
        GroupChanged {
            group_id: id,
            agent_id: Some(id),
            name: name(),
            description: description(),
            ui_elements: vec![],
        }
        .into(),
        GroupAssigned { group_id: id, agent_id: id, previous_agent_id: None }.into(),
        GroupReleased { group_id: id, previous_agent_id: id }.into(),
        SignupKeyAdded {
            key: key(),
            agent_id: id,
            call_plan_id: id,
            group_id: id,
            label: "Shop window".to_owned(),
            note: Note::Absent,
            starts_at: Some(Moment::from_micros(1_767_225_600_000_000)),
            ends_at: None,
            cap: Some(100),
            commission: None,
        }
        .into(),
        SignupKeyChanged {
            key: key(),
            agent_id: id,
            label: "Shop window".to_owned(),
            starts_at: None,
            ends_at: Some(Moment::from_micros(1_767_225_600_000_000)),
            cap: None,
        }
        .into(),
        SignupKeyNoteChanged { key: key(), agent_id: id, note: reason().into() }.into(),
        SignupKeyCommissionChanged { key: key(), agent_id: id, commission: money_samples::own_terms() }.into(),
        SignupKeyPaused { key: key(), agent_id: id, reason: Note::Absent }.into(),
        SignupKeyResumed { key: key(), agent_id: id, reason: Note::Absent }.into(),
        SignupKeyRevoked { key: key(), agent_id: id, reason: reason().into() }.into(),
    ]
}

fn back_office_samples() -> Vec<AgentsEvent> {
    let id = AGENTS_ID;
    vec![
        settings_sample::settings(&name(), id).into(),
        MessagePosted { message_id: id, agent_id: id, from: MessageFrom::Agent }.into(),
        MessageErased { message_id: id, agent_id: id, reason: Note::Absent }.into(),
        OperatorCreated { operator_id: id, login_digest: "3f9a".repeat(8), role: OperatorRole::Finance }.into(),
        OperatorRoleChanged { operator_id: id, role: OperatorRole::ReadOnly }.into(),
        OperatorPasswordChanged { operator_id: id }.into(),
        OperatorDisabled { operator_id: id, reason: reason().into() }.into(),
        OperatorEnabled { operator_id: id, reason: Note::Absent }.into(),
        OperatorErased { operator_id: id, reason: Note::Absent }.into(),
        ApiTokenIssued { token_id: id, name: name(), scopes: vec!["agents:read".to_owned()], digest: "0".repeat(64) }
            .into(),
        ApiTokenRevoked { token_id: id }.into(),
    ]
}

fn signups_samples() -> Vec<SignupsEvent> {
    let id = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0002);
    vec![
        CustomerPlaced {
            customer_id: id,
            customer_number: "4821973065".to_owned(),
            key: "7K3MZ9XQ2WAB".to_owned(),
            agent_id: id,
            agent_name: "Zoë's Phones".to_owned(),
            call_plan_id: id,
            call_plan_name: "Union City flat".to_owned(),
            group_id: id,
            group_name: "VoIP".to_owned(),
            commission: Percent::parse("12.5").unwrap(),
            key_cap: Some(100),
            campaign: Campaign { utm_source: Some("newsletter".to_owned()), ..Campaign::default() },
            channel: Some(Channel::Page),
            country: Some("DE".to_owned()),
            currency: Some("EUR".to_owned()),
            language: Some("de".to_owned()),
            terms_version: "2026-01".to_owned(),
            agents_position: 42,
        }
        .into(),
        SignupRefused {
            count: 100,
            nearest_key: None,
            refusal_id: id,
            key: "summer-sale".to_owned(),
            agent_id: Some(id),
            call_plan_id: None,
            group_id: None,
            reason: RefusalReason::Revoked,
            campaign: Campaign::default(),
            stage: RefusalStage::Signup,
            shown: Some(ShownPlacement {
                customer_number: "4821973065".to_owned(),
                call_plan_id: id,
                group_id: id,
                key_cap: Some(100),
            }),
            customer_id: Some(id),
            agents_position: 43,
        }
        .into(),
        CustomerCorrected { customer_id: id, agent_id: id, fields: vec!["email".to_owned(), "city".to_owned()] }.into(),
        CustomerErased { customer_id: id, agent_id: id, reason: "asked for".to_owned().into() }.into(),
        CustomerDataLost { customer_id: id, agent_id: id }.into(),
        CustomerProvisioned { customer_id: id, agent_id: id, system: "softswitch".to_owned() }.into(),
        ProvisioningFailed { customer_id: id, agent_id: id, system: "softswitch".to_owned(), reason: reason().into() }
            .into(),
        CustomerSuspended { customer_id: id, agent_id: id, reason: reason().into() }.into(),
        CustomerReinstated { customer_id: id, agent_id: id, reason: reason().into() }.into(),
        CustomerClosed { customer_id: id, agent_id: id, reason: reason().into() }.into(),
        SignupPageViewed {
            key: "summer-sale".to_owned(),
            agent_id: id,
            call_plan_id: id,
            group_id: id,
            views: 17,
            automated: 3,
            campaign: Campaign::default(),
        }
        .into(),
    ]
}
