//! Many approvals in one request. Each stands alone, so one that is refused stops no other.

use contract::ids::digest;
use event_store::log::CommandMeta;
use futures::StreamExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;
use web::http::{FieldErrors, Problem};

use crate::fields::Fields;
use crate::remittances::commands::ApproveRemittance;
use crate::remittances::queries;
use crate::state::AppState;

/// Most approvals of a request.
pub const MAX_APPROVALS: usize = 200;
/// Approvals of one request that are decided at once.
const AT_ONCE: usize = 64;

/// Which remittances are approved.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "ApprovalsGiven")]
pub struct ApprovalsRequest {
    /// 1 to 200.
    #[schemars(required)]
    pub ids: Option<Vec<Uuid>>,
}

/// What became of one approval.
#[derive(Serialize, JsonSchema)]
pub struct Approval {
    pub id: Uuid,
    /// 200 where it is approved.
    pub status: u16,
    /// The remittance, where it is approved.
    pub remittance: Option<Value>,
    /// Why it is not.
    pub problem: Option<Value>,
}

/// The answers in the order of the request.
#[derive(Serialize, JsonSchema)]
pub struct Approvals {
    pub items: Vec<Approval>,
    /// How many are approved.
    pub approved: usize,
}

impl ApprovalsRequest {
    pub fn check(self, errors: FieldErrors) -> Result<Vec<Uuid>, Problem> {
        let mut fields = Fields::new(errors);
        let ids = fields.required("ids", self.ids);
        let ids = fields.choice("ids", ids).unwrap_or_default();
        if ids.len() > MAX_APPROVALS {
            fields.error("ids", "wrong_length", format!("must have 1 to {MAX_APPROVALS} ids"));
        }
        fields.finish()?;
        Ok(ids)
    }
}

/// Approves each of these; a repetition of the request gets the answers of the first.
pub async fn approve(app: &AppState, meta: &CommandMeta, ids: Vec<Uuid>) -> Approvals {
    let answers = futures::stream::iter(ids).map(|id| async move {
        match approve_one(app, meta, id).await {
            Ok(remittance) => Approval { id, status: 200, remittance: Some(remittance), problem: None },
            Err(problem) => {
                let (status, described) = problem.described();
                Approval { id, status, remittance: None, problem: Some(described) }
            }
        }
    });
    let items: Vec<_> = answers.buffered(AT_ONCE).collect().await;
    let approved = items.iter().filter(|item| item.remittance.is_some()).count();
    Approvals { items, approved }
}

async fn approve_one(app: &AppState, meta: &CommandMeta, id: Uuid) -> Result<Value, Problem> {
    let item = queries::get(app.database(), id).await?.ok_or_else(Problem::not_found)?;
    let subject = item.subject();
    let command =
        CommandMeta { id: format!("{}:{id}", meta.id), fingerprint: digest(&format!("approve {id}")), ..meta.clone() };
    let approve = ApproveRemittance { subject, actor: meta.actor.clone() };
    let appended = app.append(command, approve).await?;
    appended.answer.read().map_err(|error| Problem::unforeseen(&error))
}
