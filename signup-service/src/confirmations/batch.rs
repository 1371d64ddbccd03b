use contract::clock::Moment;
use event_store::sql::{Tx, Value};

use crate::batch::BatchPart;
use crate::confirmations::address::AddressDigest;
use crate::confirmations::model::Confirmation;
use crate::confirmations::table::{self, confirmation_row};

/// The confirmations that a batch writes.
#[derive(Default)]
pub struct ConfirmationRows(Vec<Vec<Value>>);

impl ConfirmationRows {
    pub fn add(&mut self, digest: AddressDigest, confirmation: &Confirmation, signed_up_at: Moment) {
        self.0.push(confirmation_row((digest, confirmation, signed_up_at)));
    }
}

impl BatchPart for ConfirmationRows {
    fn write(&mut self, tx: &mut Tx, _: Moment, _: bool) {
        table::add(tx, std::mem::take(&mut self.0));
    }
}
