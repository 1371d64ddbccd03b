//! Messages of agents to the operator, and answers: some wait for theirs.

use agents_service::support::commands::PostMessage;
use agents_service::support::model::Text;
use anyhow::Context;
use contract::events::agents::MessageFrom;
use contract::ids::new_id;
use serde_json::json;

use super::agenda::Agenda;
use super::company::Company;
use super::random::{Part, Random};
use super::season::{DAYS, Today};
use super::shop::{Life, Shop};

/// Days between two questions.
const APART: i64 = 4;
/// Days until the answer.
const ANSWERED: i64 = 1;
/// Questions of the last days wait for their answers.
const WAITING: i64 = 9;

/// A question, and its answer.
const TALKS: [[&str; 2]; 16] = [
    [
        "Good morning! Where do I find the QR codes for my posters?",
        "Under Signup URLs: open a URL, and its QR code is there as SVG and as PNG.",
    ],
    ["¿Cuándo llega el pago de este mes?", "La transferencia sale mañana; tarda dos días hábiles."],
    [
        "Why was my payout refused? The number is in my account.",
        "Found it, thank you. Please request the payout again.",
    ],
    ["いつもお世話になっております。支払いをお願いします。", "承知いたしました。明日お支払いします。"],
    ["Können wir auch den Familientarif verkaufen?", "Ja, er ist ab heute für Sie freigeschaltet."],
    [
        "A customer says that the page is closed. The key is on our new leaflet.",
        "It starts on Monday, as you asked. Shall it start today?",
    ],
    ["Un client a été compté deux fois ?", "Non, ce sont deux personnes avec deux adresses."],
    [
        "We have a new account at the same bank. What do you need from us?",
        "Only the IBAN, please, and a week of patience.",
    ],
    ["Kampanya için ayrı bir bağlantı alabilir miyiz?", "Elbette, Instagram için bir bağlantı ekledik."],
    ["Πότε εκδίδεται η κατάσταση του μήνα;", "Την τρίτη ημέρα του επόμενου μήνα."],
    ["Czy prowizja liczy się od kwoty netto?", "Tak, od kwoty netto każdej płatności."],
    ["How long is commission held after a payment?", "Fourteen days, unless your contract says otherwise."],
    ["متى يصل تحويل هذا الشهر؟", "خلال يومين من الآن."],
    ["Can you raise the cap of our key for the fair?", "We would rather add a second key. It is in your list."],
    ["我们可以用自己的网站嵌入注册页面吗？", "可以，请把网址发给我们。"],
    ["Kan vi få bättre villkor efter hundra kunder?", "Ja, vi hör av oss nästa vecka."],
];

#[derive(Default)]
pub struct Messages {
    answers: Agenda<(usize, &'static str)>,
}

impl Messages {
    /// The messages of a day, in the night after the payouts.
    pub async fn write(&mut self, company: &Company, shop: &mut Shop, today: Today) -> anyhow::Result<()> {
        for (agent, words) in self.answers.take(today.number) {
            let path = format!("agents/{}/messages", shop.agents[agent].id);
            if shop.agents[agent].life != Life::Closed {
                company.post(&path, &json!({ "text": words })).await?;
                shop.counts.messages += 1;
            }
        }
        let is_waiting = today.number >= DAYS - WAITING;
        if today.number % APART != 2 && !is_waiting {
            return Ok(());
        }
        let mut random = Random::of(Part::Messages, today.seed());
        let agents: Vec<usize> =
            (0..shop.agents.len()).filter(|agent| shop.agents[*agent].life == Life::Active).collect();
        let (Some(agent), Some([question, answer])) = (random.one(&agents), random.one(&TALKS)) else { return Ok(()) };
        ask(company, shop, *agent, question).await?;
        if !is_waiting {
            self.answers.add(today.number + ANSWERED, (*agent, answer));
        }
        Ok(())
    }
}

async fn ask(company: &Company, shop: &mut Shop, agent: usize, words: &str) -> anyhow::Result<()> {
    let id = &shop.agents[agent].id;
    let text = Text::new(words).ok().context("a message that may be sent")?;
    let (agent_id, author) = (id.parse()?, format!("agent:{id}"));
    let (message_id, from, written_at) = (new_id(), MessageFrom::Agent, company.now());
    company.of_agent(id, PostMessage { message_id, agent_id, from, author, text, written_at }).await?;
    shop.counts.messages += 1;
    Ok(())
}
