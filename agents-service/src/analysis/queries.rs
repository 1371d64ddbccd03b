//! Answers questions: whole days come from the roll-ups, the quarter hours at the edges of a period from the sums themselves. All
//! members are read, so that totals are of all of them; a page of them is shown.

use std::collections::{BTreeMap, HashMap};

use contract::events::signups::RefusalReason;
use event_store::sql::{Database, Row, Sql, SqlError, Value};
use uuid::Uuid;

use crate::analysis::figures::{Analysis, Item, Refusals, Sums};
use crate::analysis::period::{PACKED, Period, Quarters, Unit};
use crate::analysis::question::{Attribution, Filter, GroupBy, Order, Question};
use crate::analysis::statements as sql;
use crate::columns::{read_word, word};
use crate::{names, quarters};

static OWNERS: Sql = Sql::new("SELECT group_id, agent_id FROM customer_groups WHERE agent_id IS NOT NULL");
static OWNER_OF_KEY: Sql = Sql::new("SELECT agent_id FROM signup_keys WHERE key = $1");

/// The sums of a member, of the period and of the one before.
type Pair = [Sums; 2];
const NOW: usize = 0;
const BEFORE: usize = 1;

/// What a question is answered by: all members, in order.
#[derive(Debug)]
pub struct Answer {
    pub members: Vec<(String, Pair)>,
    pub total: Pair,
}

/// A page of items: how many are before it, and how many it has at most.
#[derive(Clone, Copy, Debug)]
pub struct PageOf {
    pub after: usize,
    pub limit: usize,
}

impl PageOf {
    /// All at once.
    pub const ALL: Self = Self { after: 0, limit: usize::MAX };
}

pub async fn answer(database: &Database, question: &Question) -> Result<Answer, SqlError> {
    let mut question = question.clone();
    if let (None, Some(key), Attribution::Placed) =
        (question.filter.agent_id, &question.filter.key, question.attribution)
    {
        // A key has one agent, by whose index its rows are found.
        let row = database.row(&OWNER_OF_KEY, &[key.into()]).await?;
        question.filter.agent_id = row.map(|row| row.uuid("agent_id")).transpose()?;
    }
    let members = match question.by.unit() {
        Some(unit) => parts(database, &question, unit).await?,
        None => members(database, &question).await?,
    };
    let mut total = Pair::default();
    for (_, pair) in &members {
        total[NOW].add(&pair[NOW]);
        total[BEFORE].add(&pair[BEFORE]);
    }
    Ok(Answer { members, total })
}

/// A page of the figures, with the names of what they are of.
pub async fn analysis(database: &Database, question: &Question, page: PageOf) -> Result<Analysis, SqlError> {
    let Answer { members, total } = answer(database, question).await?;
    let shown: Vec<_> = members.iter().skip(page.after).take(page.limit).collect();
    let ids = shown.iter().filter_map(|(id, _)| id.parse::<Uuid>().ok());
    let own = question.filter.agent_id.filter(|_| question.reader.is_agent);
    let names = if matches!(question.by, GroupBy::Agent | GroupBy::CallPlan | GroupBy::Group) {
        names::get(database, own, ids).await?
    } else {
        HashMap::new()
    };
    let previous = |pair: &Pair| question.compare.then(|| pair[BEFORE].figures(question)).transpose();
    let items = shown.iter().map(|(id, pair)| {
        let name = id.parse().ok().and_then(|id: Uuid| names.get(&id).cloned());
        Ok(Item { id: id.clone(), name, figures: pair[NOW].figures(question)?, previous: previous(pair)? })
    });
    let end = page.after.saturating_add(page.limit);
    Ok(Analysis {
        by: question.by,
        since: question.period.first,
        until: question.period.last,
        time_zone: question.zone.name().to_owned(),
        attribution: question.attribution,
        items: items.collect::<Result<_, SqlError>>()?,
        count: members.len(),
        next: (end < members.len()).then(|| end.to_string()),
        total: total[NOW].figures(question)?,
        previous: previous(&total)?,
        refusals: question.knows_refusals().then(|| refusals(&total, question.compare)).transpose()?,
    })
}

fn refusals(total: &Pair, compare: bool) -> Result<Vec<Refusals>, SqlError> {
    let count = |period: usize, reason: &str| total[period].refusals.get(reason).copied().unwrap_or(0);
    let mut reasons: Vec<&String> = total[NOW].refusals.keys().collect();
    reasons.extend(total[BEFORE].refusals.keys().filter(|reason| !total[NOW].refusals.contains_key(*reason)));
    reasons.sort_by_key(|reason| std::cmp::Reverse(count(NOW, reason)));
    let line = |reason: &String| {
        let previous = compare.then(|| count(BEFORE, reason));
        Ok(Refusals { reason: read_word(reason.clone(), "reason")?, count: count(NOW, reason), previous })
    };
    reasons.into_iter().map(line).collect()
}

/// What agents must not see of their refusals.
fn is_hidden(question: &Question, row: &Row) -> Result<bool, SqlError> {
    Ok(question.reader.is_agent && row.text("reason")? == word(&RefusalReason::EmailKnown))
}

fn periods(question: &Question) -> Vec<(usize, Period)> {
    let before = question.compare.then(|| (BEFORE, question.period.before()));
    std::iter::once((NOW, question.period)).chain(before).collect()
}

impl Filter {
    /// `$2` to `$6` of the statements; the agent is who owns the group now, or who placed the customer.
    fn values(&self, attribution: Attribution) -> Vec<Value> {
        let [owner, agent] = match attribution {
            Attribution::Now => [self.agent_id, None],
            Attribution::Placed => [None, self.agent_id],
        };
        vec![self.call_plan_id.into(), self.group_id.into(), self.key.as_ref().into(), owner.into(), agent.into()]
    }

    fn visitors(&self) -> [Value; 2] {
        [self.campaign.as_ref().into(), self.country.as_ref().into()]
    }

    fn is_of_visitors(&self) -> bool {
        self.campaign.is_some() || self.country.is_some()
    }

    fn is_of_keys(&self) -> bool {
        self.agent_id.is_some() || self.call_plan_id.is_some() || self.group_id.is_some() || self.key.is_some()
    }
}

impl Question {
    /// The statement over all agents' rows, or by the index of one.
    fn of<'a>(&self, pair: &'a [Sql; 2]) -> &'a Sql {
        let [all, one] = pair;
        if self.is_of_one() { one } else { all }
    }

    fn is_of_one(&self) -> bool {
        self.filter.agent_id.is_some() && self.attribution == Attribution::Placed
    }
}

/// What is summed for members.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Sales,
    Money,
    Refusals,
}

type Members = BTreeMap<String, Pair>;

async fn members(database: &Database, question: &Question) -> Result<Vec<(String, Pair)>, SqlError> {
    let mut wanted = vec![What::Sales];
    wanted.extend(question.reader.money.then_some(What::Money));
    wanted.extend(question.knows_refusals().then_some(What::Refusals));
    // As now, groups are summed first, then their owners.
    let by_owner = question.by == GroupBy::Agent && question.attribution == Attribution::Now;
    let by = if by_owner { GroupBy::Group } else { question.by };
    let mut reads = Vec::new();
    for (period, days) in periods(question) {
        for what in &wanted {
            reads.push(read(database, question, by, *what, period, days.quarters(&question.zone)));
        }
    }
    let mut found = Members::new();
    for rows in futures::future::try_join_all(reads).await? {
        for (what, period, row) in rows {
            if what == What::Refusals && is_hidden(question, &row)? {
                continue;
            }
            let sums = &mut found.entry(row.text("id")?).or_default()[period];
            match what {
                What::Sales => sums.add_sales(&row)?,
                What::Money => sums.add_money(&row)?,
                What::Refusals => sums.add_refusals(&row)?,
            }
        }
    }
    if by_owner {
        found = by_owners(database, found).await?;
    }
    let mut members: Vec<_> =
        found.into_iter().filter(|(_, [now, before])| !now.is_empty() || !before.is_empty()).collect();
    sort(&mut members, question.order);
    Ok(members)
}

/// The rows of one kind and period: of the whole days, and of the quarter hours around them.
async fn read(
    database: &Database,
    question: &Question,
    by: GroupBy,
    what: What,
    period: usize,
    range: Quarters,
) -> Result<Vec<(What, usize, Row)>, SqlError> {
    let filter = &question.filter;
    let daily = daily(question, by, what);
    let (days, edges) = if daily.is_some() { range.days() } else { (None, vec![range.packed()]) };
    let mut found = Vec::new();
    if let (Some(statement), Some((first, end))) = (daily, days) {
        let (parts, mut values) = if by.is_of_visitor() {
            (vec![Quarters { first, end }.packed()], filter.visitors().to_vec())
        } else {
            let spans = quarters::spans_between(first, end).into_iter();
            (spans.map(|(first, end)| Quarters { first, end }.packed()).collect(), filter.values(question.attribution))
        };
        values.push(PACKED.into());
        found.extend(database.rows_among(statement, numbers(parts), &values).await?);
    }
    if !edges.is_empty() {
        let mut values = filter.values(question.attribution);
        values.push(PACKED.into());
        if what != What::Refusals {
            values.extend(filter.visitors());
        }
        let statement = question.of(quarterly(by, what));
        found.extend(database.rows_among(statement, numbers(edges), &values).await?);
    }
    Ok(found.into_iter().map(|row| (what, period, row)).collect())
}

fn numbers(parts: Vec<i64>) -> Vec<Value> {
    parts.into_iter().map(Value::from).collect()
}

fn quarterly(by: GroupBy, what: What) -> &'static [Sql; 2] {
    let (keys, visitors) = match what {
        What::Sales => (&sql::SALES_QUARTERS, &sql::SALES_VISITORS),
        What::Money => (&sql::MONEY_QUARTERS, &sql::MONEY_VISITORS),
        What::Refusals => (&sql::REFUSALS, &sql::SALES_VISITORS),
    };
    match by {
        GroupBy::CallPlan => &keys[1],
        GroupBy::Group => &keys[2],
        GroupBy::Key => &keys[3],
        GroupBy::Campaign => &visitors[0],
        GroupBy::Country => &visitors[1],
        _ => &keys[0],
    }
}

/// The statement over whole days, where there is a roll-up that tells enough apart.
fn daily(question: &Question, by: GroupBy, what: What) -> Option<&'static Sql> {
    let filter = &question.filter;
    let (keys, visitors) = match what {
        What::Sales => (&sql::SALES_SPANS, &sql::SALES_CAMPAIGN_DAYS),
        What::Money => (&sql::MONEY_SPANS, &sql::MONEY_CAMPAIGN_DAYS),
        What::Refusals => return None,
    };
    match by {
        GroupBy::Campaign | GroupBy::Country if filter.is_of_keys() => None,
        GroupBy::Campaign => Some(&visitors[0]),
        GroupBy::Country => Some(&visitors[1]),
        // The rows of one agent are few, and found by the index.
        _ if filter.is_of_visitors() || question.is_of_one() => None,
        GroupBy::CallPlan => Some(&keys[1][0]),
        GroupBy::Group => Some(&keys[2][0]),
        GroupBy::Key => Some(&keys[3][0]),
        _ => Some(&keys[0][0]),
    }
}

/// Adds groups up to the agents who own them now; those that nobody owns are unknown.
async fn by_owners(database: &Database, groups: Members) -> Result<Members, SqlError> {
    let rows = database.rows(&OWNERS, &[]).await?;
    let owner = |row: &Row| Ok((row.uuid("group_id")?.to_string(), row.uuid("agent_id")?.to_string()));
    let owners: HashMap<String, String> = rows.iter().map(owner).collect::<Result<_, SqlError>>()?;
    let mut agents = Members::new();
    for (group, [now, before]) in groups {
        let sums = agents.entry(owners.get(&group).cloned().unwrap_or_default()).or_default();
        sums[NOW].add(&now);
        sums[BEFORE].add(&before);
    }
    Ok(agents)
}

/// The most first. Amounts are compared currency by currency, the one with the most payments first.
fn sort(members: &mut [(String, Pair)], order: Order) {
    let mut payments = BTreeMap::<String, i64>::new();
    for (currency, amounts) in members.iter().flat_map(|(_, [now, _])| &now.money) {
        *payments.entry(currency.clone()).or_default() += amounts.payments;
    }
    let mut currencies: Vec<(String, i64)> = payments.into_iter().collect();
    currencies.sort_by_key(|(_, payments)| std::cmp::Reverse(*payments));
    members.sort_by_cached_key(|(id, [now, _])| {
        let amounts = currencies.iter().map(|(currency, _)| now.money.get(currency).copied().unwrap_or_default());
        let payments: i64 = now.money.values().map(|amounts| amounts.payments).sum();
        let most: Vec<i64> = match order {
            Order::Signups => Vec::new(),
            Order::Payments => vec![payments],
            Order::Received => amounts.map(|amounts| amounts.received).collect(),
            Order::Commission => amounts.map(|amounts| amounts.commission).collect(),
        };
        (std::cmp::Reverse((most, now.signups, now.views, payments)), id.clone())
    });
}

async fn parts(database: &Database, question: &Question, unit: Unit) -> Result<Vec<(String, Pair)>, SqlError> {
    let parts = question.period.parts(unit);
    let days = question.period.days();
    let mut members: Vec<(String, Pair)> = parts.iter().map(|(name, _)| (name.clone(), Pair::default())).collect();
    let mut places = HashMap::new();
    for (index, (_, part)) in parts.iter().enumerate() {
        places.insert(part.quarters(&question.zone).packed(), (index, NOW));
        if question.compare {
            places.insert(part.earlier(days).quarters(&question.zone).packed(), (index, BEFORE));
        }
    }
    let packed = || places.keys().map(|part| (*part).into()).collect::<Vec<Value>>();
    let filter = &question.filter;
    let is_total = !filter.is_of_keys() && !filter.is_of_visitors();
    let mut values = filter.values(question.attribution);
    values.push(PACKED.into());
    let refusals = async {
        if !question.knows_refusals() {
            return Ok(Vec::new());
        }
        database.rows_among(question.of(&sql::REFUSAL_PARTS), packed(), &values).await
    };
    let all: Vec<Value> = values.iter().cloned().chain(filter.visitors()).collect();
    let read = async |totals: &'static Sql, quarters: &'static [Sql; 2]| {
        if is_total {
            return database.rows_among(totals, packed(), &[PACKED.into()]).await;
        }
        database.rows_among(question.of(quarters), packed(), &all).await
    };
    let sales = read(&sql::SALES_TOTALS, &sql::SALES_PARTS);
    let money = async {
        if !question.reader.money {
            return Ok(Vec::new());
        }
        read(&sql::MONEY_TOTALS, &sql::MONEY_PARTS).await
    };
    let (sales, money, refusals) = futures::try_join!(sales, money, refusals)?;
    let mut add = |rows: &[Row], what: What| {
        for row in rows {
            let Some((index, period)) = places.get(&row.int("id")?) else { continue };
            let sums = &mut members[*index].1[*period];
            match what {
                What::Sales => sums.add_sales(row)?,
                What::Money => sums.add_money(row)?,
                What::Refusals if is_hidden(question, row)? => {}
                What::Refusals => sums.add_refusals(row)?,
            }
        }
        Ok::<(), SqlError>(())
    };
    add(&sales, What::Sales)?;
    add(&money, What::Money)?;
    add(&refusals, What::Refusals)?;
    Ok(members)
}
