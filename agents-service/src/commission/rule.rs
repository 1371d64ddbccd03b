//! Which commission terms count for a customer: those of the first that has a rate.

use contract::commission::{AgentCommission, CommissionRule, CommissionTerms, Per, Rate, RateSource};
use contract::money::Percent;

/// The terms of all who may have some, as they were at one position of the log.
#[derive(Clone, Copy, Debug)]
pub struct Sources {
    pub signup_key: Option<CommissionTerms>,
    pub grant: Option<CommissionTerms>,
    pub call_plan: Option<CommissionTerms>,
    pub agent: (Percent, AgentCommission),
}

/// The rule: the rate of the first source that has one. What the source leaves open is the agent's. A signup has no amount that a
/// percentage could be taken of, so a percentage is of payments whatever the agent's terms are for.
pub fn of(sources: &Sources) -> CommissionRule {
    let (percent, agent) = sources.agent;
    let own = [
        (RateSource::SignupKey, sources.signup_key),
        (RateSource::Grant, sources.grant),
        (RateSource::CallPlan, sources.call_plan),
    ];
    let (source, terms) = own
        .into_iter()
        .find_map(|(source, terms)| Some((source, terms?)))
        .unwrap_or_else(|| (RateSource::Agent, of_agent(percent, agent)));
    let per = match terms.rate {
        Rate::Percent(_) => Per::Payment,
        Rate::Flat(_) => terms.per.unwrap_or(agent.per),
    };
    CommissionRule {
        source,
        rate: terms.rate,
        per,
        base: terms.base.unwrap_or(agent.base),
        window: terms.window.unwrap_or(agent.window),
        rate_at: agent.rate_at,
    }
}

fn of_agent(percent: Percent, agent: AgentCommission) -> CommissionTerms {
    let rate = agent.flat.map_or(Rate::Percent(percent), Rate::Flat);
    CommissionTerms { rate, per: None, base: None, window: None }
}

#[cfg(test)]
mod tests {
    use contract::commission::{Base, Window};
    use contract::money::{Currency, Money};

    use super::*;

    fn terms(percent: &str) -> CommissionTerms {
        let rate = Rate::Percent(Percent::parse(percent).unwrap());
        CommissionTerms { rate, per: None, base: None, window: None }
    }

    /// All sixteen combinations of sources that have a rate.
    #[test]
    fn the_rate_is_that_of_the_first_source_that_has_one() {
        for present in 0..8_u8 {
            let when = |bit: u8, percent| (present & bit != 0).then(|| terms(percent));
            let agent = (Percent::parse("10").unwrap(), AgentCommission::default());
            let sources = Sources { signup_key: when(4, "20"), grant: when(2, "15"), call_plan: when(1, "12"), agent };
            let expected = match present {
                4.. => (RateSource::SignupKey, "20"),
                2.. => (RateSource::Grant, "15"),
                1 => (RateSource::CallPlan, "12"),
                0 => (RateSource::Agent, "10"),
            };
            let rule = of(&sources);
            assert_eq!((rule.source, rule.rate), (expected.0, terms(expected.1).rate), "{present:03b}");
        }
    }

    #[test]
    fn a_rate_of_zero_is_a_rate() {
        let agent = (Percent::parse("10").unwrap(), AgentCommission::default());
        let sources = Sources { signup_key: Some(terms("0")), grant: None, call_plan: Some(terms("12")), agent };
        assert_eq!(of(&sources).rate, terms("0").rate);
    }

    #[test]
    fn a_percentage_is_of_payments_where_the_agent_earns_by_signups() {
        let flat = Money::new("5.00".parse().unwrap(), Currency::known("EUR").unwrap()).unwrap();
        let commission = AgentCommission { flat: Some(flat), per: Per::Signup, ..Default::default() };
        let agent = (Percent::parse("10").unwrap(), commission);
        let sources = Sources { signup_key: Some(terms("20")), grant: None, call_plan: None, agent };
        assert_eq!(of(&sources).per, Per::Payment);
        assert_eq!(of(&Sources { signup_key: None, ..sources }).per, Per::Signup);
    }

    #[test]
    fn what_a_source_leaves_open_is_the_agents() {
        let commission = AgentCommission {
            base: Base::Gross,
            window: Window { payments: Some(3), months: None },
            ..Default::default()
        };
        let agent = (Percent::parse("10").unwrap(), commission);
        let own = CommissionTerms { window: Some(Window::default()), ..terms("20") };
        let rule = of(&Sources { signup_key: Some(own), grant: None, call_plan: None, agent });
        assert_eq!((rule.base, rule.window), (Base::Gross, Window::default()));
    }
}
