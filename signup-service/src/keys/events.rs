use contract::events::agents::{
    AgentChanged, AgentClosed, AgentCreated, AgentReinstated, AgentSuspended, AgentsEvent, ApiTokenIssued,
    ApiTokenRevoked, CallPlanChanged, CallPlanCreated, CallPlanGranted, CallPlanRetired, CallPlanWithdrawn,
    GroupAssigned, GroupChanged, GroupCreated, GroupReleased, SettingsChanged,
};
use contract::events::signup_keys::{
    SignupKeyAdded, SignupKeyChanged, SignupKeyPaused, SignupKeyResumed, SignupKeyRevoked,
};
use contract::used_events;

used_events! {
    /// The agents' events that the service uses: those about signup keys, the form, and API tokens.
    pub enum KeyEvent of AgentsEvent {
        AgentCreated, AgentChanged, AgentSuspended, AgentReinstated, AgentClosed,
        CallPlanGranted, CallPlanWithdrawn, CallPlanCreated, CallPlanChanged, CallPlanRetired,
        GroupCreated, GroupChanged, GroupAssigned, GroupReleased,
        SignupKeyAdded, SignupKeyChanged, SignupKeyPaused, SignupKeyResumed, SignupKeyRevoked,
        SettingsChanged, ApiTokenIssued, ApiTokenRevoked,
    }
}
