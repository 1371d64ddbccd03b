//! Which events have a note, in the order of the contracts.

use super::agents::{
    AgentClosed, AgentErased, AgentReinstated, AgentSuspended, AgentsEvent, CallPlanRetired, CallPlanWithdrawn,
    MessageErased, OperatorDisabled, OperatorEnabled, OperatorErased,
};
use super::payments::{BalanceCorrected, PaymentAttributed, PaymentReversed, ReversalHeld};
use super::remittances::{RemittancePaid, RemittanceRefused, RemittanceReturned};
use super::signup_keys::{SignupKeyAdded, SignupKeyNoteChanged, SignupKeyPaused, SignupKeyResumed, SignupKeyRevoked};
use super::signups::{
    CustomerClosed, CustomerErased, CustomerReinstated, CustomerSuspended, ProvisioningFailed, SignupsEvent,
};
use super::webhooks::{WebhookMoved, WebhookPaused, WebhookRemoved, WebhookResumed};
use crate::note::notes;

notes! {
    AgentsEvent {
        AgentSuspended: reason about agent_id;
        AgentReinstated: reason about agent_id;
        AgentClosed: reason about agent_id;
        AgentErased: reason about agent_id;
        CallPlanWithdrawn: reason about agent_id;
        CallPlanRetired: reason about call_plan_id;
        SignupKeyAdded: note about agent_id;
        SignupKeyNoteChanged: note about agent_id;
        SignupKeyPaused: reason about agent_id;
        SignupKeyResumed: reason about agent_id;
        SignupKeyRevoked: reason about agent_id;
        MessageErased: reason about agent_id;
        OperatorDisabled: reason about operator_id;
        OperatorEnabled: reason about operator_id;
        OperatorErased: reason about operator_id;
        PaymentAttributed: reason about payment_id;
        PaymentReversed: reason about payment_id;
        ReversalHeld: reason about payment_id;
        BalanceCorrected: reason about correction_id;
        RemittanceRefused: reason about agent_id;
        RemittancePaid: bank_reference about agent_id;
        RemittanceReturned: reason about agent_id;
        WebhookPaused: reason about endpoint_id;
        WebhookResumed: reason about endpoint_id;
        WebhookRemoved: reason about endpoint_id;
        WebhookMoved: reason about endpoint_id;
    }
}

notes! {
    SignupsEvent {
        CustomerErased: reason about customer_id;
        ProvisioningFailed: reason about customer_id;
        CustomerSuspended: reason about customer_id;
        CustomerReinstated: reason about customer_id;
        CustomerClosed: reason about customer_id;
    }
}
