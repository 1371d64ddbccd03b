//! `bench-consume DATABASE NATS END`: the lowest cost of filling a lookup table. An ordered consumer, and for each
//! page of messages one transaction with a statement that writes whole rows of the lookup table and one that moves
//! the checkpoint. Names of agents, plans and groups are kept in memory, and no other table is written.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result, ensure};
use async_nats::jetstream;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::{Ordered, OrderedConfig};
use contract::events::Contract;
use contract::events::agents::AgentsEvent;
use contract::events::signup_keys::SignupKeyAdded;
use futures::{FutureExt, Stream, StreamExt};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use uuid::Uuid;

/// Most messages of one transaction.
const PAGE: u64 = 1_000;

const UPSERT: &str = "INSERT INTO signup_keys (key, agent_id, call_plan_id, group_id, state, starts_at, ends_at, cap, agent_name,
         agent_state, commission, call_plan_name, call_plan_retired, granted, group_name, group_owner, ui_elements,
         incomplete, changed_position)
     SELECT a, b, c, d, e, to_timestamp(f / 1e6), to_timestamp(g / 1e6), h, i, j, k, l, m <> 0, n <> 0, o, q, s, FALSE, p
     FROM UNNEST($1::TEXT[], $2::UUID[], $3::UUID[], $4::UUID[], $5::TEXT[], $6::BIGINT[], $7::BIGINT[],
         $8::BIGINT[], $9::TEXT[], $10::TEXT[], $11::BIGINT[], $12::TEXT[], $13::BIGINT[], $14::BIGINT[], $15::TEXT[],
         $16::UUID[], $17::TEXT[], $18::BIGINT[]) AS r(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, q, s, p)
     ON CONFLICT (key) DO UPDATE SET agent_id = excluded.agent_id, call_plan_id = excluded.call_plan_id,
         group_id = excluded.group_id, state = excluded.state, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
         cap = excluded.cap, agent_name = excluded.agent_name, agent_state = excluded.agent_state,
         commission = excluded.commission, call_plan_name = excluded.call_plan_name,
         call_plan_retired = excluded.call_plan_retired, granted = excluded.granted, group_name = excluded.group_name,
         group_owner = excluded.group_owner, ui_elements = excluded.ui_elements, incomplete = excluded.incomplete,
         changed_position = excluded.changed_position";
const MAKE_CHECKPOINT: &str =
    "INSERT INTO checkpoints (projection, position, hash, generation) VALUES ('keys', 0, '', 1) ON CONFLICT DO NOTHING";
const MOVE_CHECKPOINT: &str = "UPDATE checkpoints SET position = $1 WHERE projection = 'keys' AND position = $2";

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [database, nats, end] = arguments.as_slice() else {
        anyhow::bail!("usage: bench-consume DATABASE NATS END");
    };
    let pool = PgPoolOptions::new().max_connections(1).test_before_acquire(false).connect(database).await?;
    sqlx::query(MAKE_CHECKPOINT).execute(&pool).await?;
    let stream = jetstream::new(async_nats::connect(nats).await?).get_stream("AGENTS").await?;
    let config = OrderedConfig { deliver_policy: DeliverPolicy::All, ..OrderedConfig::default() };
    let mut messages = stream.create_consumer(config).await?.messages().await?;
    let (end, mut position) = (end.parse::<u64>()?, 0);
    let mut facts = Facts::default();
    while position < end {
        let mut rows = Rows::default();
        let before = position;
        position = take_page(&mut messages, position, &mut facts, &mut rows).await?;
        write(&pool, rows, before, position).await?;
    }
    // The watcher of the checkpoint ends this program.
    std::future::pending().await
}

/// Takes the messages that have arrived, at least one; returns the position of the last.
async fn take_page(messages: &mut Ordered, before: u64, facts: &mut Facts, rows: &mut Rows) -> Result<u64> {
    let mut position = before;
    let mut arrived = messages.next().await;
    while let Some(message) = arrived {
        let message = message?;
        let headers = message.headers.as_ref().context("an event has headers")?;
        let type_name = headers.get("ce-type").context("an event has a type")?.as_str();
        let sequence: u64 = headers.get("ce-sequence").context("an event has a position")?.as_str().parse()?;
        ensure!(sequence == position + 1, "event {sequence} follows {position}");
        let event = AgentsEvent::read(type_name, std::str::from_utf8(&message.payload)?)?.context("it is known")?;
        position += 1;
        facts.take(event, position, rows)?;
        arrived = if position - before < PAGE { at_once(messages) } else { None };
    }
    ensure!(position > before, "the consumer has ended");
    Ok(position)
}

/// The next message, if it has arrived; outside the runtime's budget, which would end every page at 128 messages.
fn at_once(messages: &mut Ordered) -> Option<<Ordered as Stream>::Item> {
    tokio::task::unconstrained(messages.next()).now_or_never().flatten()
}

/// Facts of other events that rows need.
#[derive(Default)]
struct Facts {
    agents: HashMap<Uuid, (String, i64)>,
    plans: HashMap<Uuid, String>,
    groups: HashMap<Uuid, Group>,
    grants: HashSet<(Uuid, Uuid)>,
}

#[derive(Default)]
struct Group {
    name: String,
    owner: Uuid,
    ui_elements: String,
}

impl Facts {
    fn take(&mut self, event: AgentsEvent, position: u64, rows: &mut Rows) -> Result<()> {
        match event {
            AgentsEvent::SignupKeyAdded(added) => return self.row(added, position, rows),
            AgentsEvent::AgentCreated(created) => {
                self.agents.insert(created.agent_id, (created.terms.name, created.terms.commission.basis_points()));
            }
            AgentsEvent::CallPlanCreated(created) => {
                self.plans.insert(created.call_plan_id, created.name);
            }
            AgentsEvent::CallPlanGranted(granted) => {
                self.grants.insert((granted.agent_id, granted.call_plan_id));
            }
            AgentsEvent::GroupCreated(created) => {
                let group = self.groups.entry(created.group_id).or_default();
                (group.name, group.ui_elements) = (created.name, serde_json::to_string(&created.ui_elements)?);
            }
            AgentsEvent::GroupAssigned(assigned) => {
                self.groups.entry(assigned.group_id).or_default().owner = assigned.agent_id;
            }
            _ => {}
        }
        Ok(())
    }

    fn row(&self, added: SignupKeyAdded, position: u64, rows: &mut Rows) -> Result<()> {
        let (agent_name, commission) = self.agents.get(&added.agent_id).context("the agent is known")?;
        let group = self.groups.get(&added.group_id).context("the group is known")?;
        let plan = self.plans.get(&added.call_plan_id).context("the plan is known")?;
        let granted = self.grants.contains(&(added.agent_id, added.call_plan_id));
        let texts = [
            added.key,
            "active".to_owned(),
            agent_name.clone(),
            "active".to_owned(),
            plan.clone(),
            group.name.clone(),
            group.ui_elements.clone(),
        ];
        for (column, text) in rows.texts.iter_mut().zip(texts) {
            column.push(text);
        }
        let ids = [added.agent_id, added.call_plan_id, added.group_id, group.owner];
        for (column, id) in rows.ids.iter_mut().zip(ids) {
            column.push(id);
        }
        let moment = |moment: Option<contract::clock::Moment>| moment.map(contract::clock::Moment::micros);
        let cap = added.cap.map(i64::try_from).transpose()?;
        let [starts_at, ends_at] = [moment(added.starts_at), moment(added.ends_at)];
        let (granted, position) = (i64::from(granted), i64::try_from(position)?);
        let numbers = [starts_at, ends_at, cap, Some(*commission), Some(0), Some(granted), Some(position)];
        for (column, number) in rows.numbers.iter_mut().zip(numbers) {
            column.push(number);
        }
        Ok(())
    }
}

/// The rows of a page, column by column.
#[derive(Default)]
struct Rows {
    /// Key, state; agent's name and state, plan's name; group's name and elements.
    texts: [Vec<String>; 7],
    /// Agent, plan, group; group's owner.
    ids: [Vec<Uuid>; 4],
    /// Start, end, cap; commission; retired, granted; position.
    numbers: [Vec<Option<i64>>; 7],
}

async fn write(pool: &PgPool, rows: Rows, before: u64, position: u64) -> Result<()> {
    let mut tx = pool.begin().await?;
    let [key, state, agent_name, agent_state, plan_name, group_name, elements] = rows.texts;
    let [agent, plan, group, owner] = rows.ids;
    let [starts_at, ends_at, cap, commission, retired, granted, positions] = rows.numbers;
    if !key.is_empty() {
        let upsert = sqlx::query(UPSERT).bind(key).bind(agent).bind(plan).bind(group).bind(state);
        let upsert = upsert.bind(starts_at).bind(ends_at).bind(cap).bind(agent_name).bind(agent_state);
        let upsert = upsert.bind(commission).bind(plan_name).bind(retired).bind(granted).bind(group_name);
        upsert.bind(owner).bind(elements).bind(positions).execute(&mut *tx).await?;
    }
    let (before, position) = (i64::try_from(before)?, i64::try_from(position)?);
    let moved = sqlx::query(MOVE_CHECKPOINT).bind(position).bind(before).execute(&mut *tx).await?;
    ensure!(moved.rows_affected() == 1, "another process follows");
    Ok(tx.commit().await?)
}
