//! By which rule a call and an agent were matched, as the API tells it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::acd::fact::{self, Rule};

/// By which rule a pair was chosen, and on what grounds.
#[derive(Debug, Serialize, ToSchema)]
pub struct Decision {
    /// `direct`, `hldr`, `reserve_hold` or `reserve_release`; `transfer` or `consult` by a colleague.
    #[schema(value_type = String, example = "direct")]
    pub rule: Rule,
    /// How old the call was: since its INVITE, whatever agents it had meanwhile. By this, and not
    /// by its last wait alone, calls are put in order.
    pub waited_seconds: f64,
    /// How long the agent had been idle.
    pub idle_seconds: f64,
    /// How many calls waited, this one included.
    pub waiting: u32,
    /// How many agents were idle, this one included.
    pub idle_agents: u32,
}

impl From<fact::Decision> for Decision {
    fn from(decision: fact::Decision) -> Self {
        Self {
            rule: decision.rule,
            waited_seconds: decision.age.as_secs_f64(),
            idle_seconds: decision.idle.as_secs_f64(),
            waiting: decision.waiting,
            idle_agents: decision.idle_agents,
        }
    }
}
