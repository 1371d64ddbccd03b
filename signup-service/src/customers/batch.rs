//! The customers, addresses and numbers of a batch, and the customer rows that it writes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use contract::clock::Moment;
use event_store::sql::{QueuedQuery, SqlError, Tx, Value};
use futures::future::BoxFuture;
use uuid::Uuid;

use crate::batch::BatchPart;
use crate::customers::model::{Customer, EmailDigest};
use crate::customers::service::model::{Account, Times};
use crate::customers::service::table as accounts;
use crate::customers::table::{
    self, Corrected, NewCustomer, corrected_row, customer_row, known, query_known, query_taken_emails,
    query_taken_numbers, taken_emails, taken_numbers, unless_taken,
};

#[derive(Default)]
pub struct CustomersOfBatch {
    emails: Vec<EmailDigest>,
    numbers: Vec<String>,
    ids: Vec<Uuid>,
    queries: Option<(QueuedQuery, [QueuedQuery; 2], Option<[QueuedQuery; 2]>)>,
    holders: HashMap<EmailDigest, Uuid>,
    taken_numbers: HashSet<String>,
    customers: HashMap<Uuid, Customer>,
}

impl CustomersOfBatch {
    /// A command needs to know who has this address.
    pub fn want_email(&mut self, email: EmailDigest) {
        self.emails.push(email);
    }

    /// A command needs to know whether this number is taken.
    pub fn want_number(&mut self, number: &str) {
        self.numbers.push(number.to_owned());
    }

    /// A command needs this customer.
    pub fn want(&mut self, customer_id: Uuid) {
        self.ids.push(customer_id);
    }

    pub fn holder_of(&self, email: &EmailDigest) -> Option<Uuid> {
        self.holders.get(email).copied()
    }

    /// Whether a customer has this number, or it was shown as a decoy.
    pub fn is_taken(&self, number: &str) -> bool {
        self.taken_numbers.contains(number)
    }

    /// The customer as the commands of this batch have left it.
    pub fn customer(&mut self, id: Uuid) -> Option<&mut Customer> {
        self.customers.get_mut(&id)
    }

    pub fn give_email(&mut self, email: EmailDigest, customer_id: Uuid) {
        self.holders.insert(email, customer_id);
    }

    pub fn take_number(&mut self, number: &str) {
        self.taken_numbers.insert(number.to_owned());
    }

    fn query_emails(&self, tx: &mut Tx) -> QueuedQuery {
        query_taken_emails(tx, self.emails.iter().copied())
    }
}

impl BatchPart for CustomersOfBatch {
    fn queue_queries(&mut self, tx: &mut Tx) {
        let emails = self.query_emails(tx);
        let numbers: Vec<&str> = self.numbers.iter().map(String::as_str).collect();
        let numbers = query_taken_numbers(tx, &numbers);
        // A batch of signups alone asks for no customers.
        let ids = || self.ids.iter().copied();
        let known = (!self.ids.is_empty()).then(|| [query_known(tx, ids()), accounts::query(tx, ids())]);
        self.queries = Some((emails, numbers, known));
    }

    fn load<'a>(&'a mut self, tx: &'a mut Tx) -> BoxFuture<'a, Result<(), SqlError>> {
        Box::pin(async move {
            let Some((emails, numbers, customers)) = self.queries.take() else { return Ok(()) };
            self.holders = taken_emails(tx, emails).await?;
            self.taken_numbers = taken_numbers(tx, numbers).await?;
            let Some([customers, accounts]) = customers else { return Ok(()) };
            self.customers = known(tx, customers).await?;
            for (id, system, account) in accounts::read(tx, accounts).await? {
                if let Some(customer) = self.customers.get_mut(&id) {
                    customer.service.accounts.insert(system, account);
                }
            }
            Ok(())
        })
    }

    /// Known addresses are always queried: a guess that fails takes longer, and the time would show that an address
    /// is known. Numbers, and addresses that became known a moment ago, are checked when the batch is written.
    fn recall<'a>(&'a mut self, tx: &'a mut Tx) -> BoxFuture<'a, Result<bool, SqlError>> {
        Box::pin(async move {
            let emails = self.query_emails(tx);
            self.holders = taken_emails(tx, emails).await?;
            Ok(true)
        })
    }
}

#[derive(Default)]
pub struct CustomerRows {
    added: Vec<Vec<Value>>,
    /// Addresses and numbers that must still be free when a guessed batch is written.
    new_emails: Vec<EmailDigest>,
    new_numbers: Vec<String>,
    corrected: BTreeMap<Uuid, Vec<Value>>,
    erased: BTreeSet<Uuid>,
    lost: BTreeSet<Uuid>,
    service: BTreeMap<Uuid, Times>,
    accounts: BTreeMap<(Uuid, String), Account>,
}

impl CustomerRows {
    pub fn add(&mut self, customer: &NewCustomer<'_>) {
        self.added.push(customer_row(customer));
        self.new_emails.push(customer.email_digest);
    }

    pub fn show_number(&mut self, number: &str) {
        self.new_numbers.push(number.to_owned());
    }

    pub fn correct(&mut self, id: Uuid, corrected: &Corrected<'_>) {
        self.corrected.insert(id, corrected_row((id, corrected)));
    }

    pub fn erase(&mut self, id: Uuid) {
        self.erased.insert(id);
    }

    pub fn settle_lost(&mut self, id: Uuid) {
        self.lost.insert(id);
    }

    pub fn serve(&mut self, id: Uuid, times: Times) {
        self.service.insert(id, times);
    }

    pub fn add_account(&mut self, id: Uuid, system: String, account: Account) {
        self.accounts.insert((id, system), account);
    }
}

impl BatchPart for CustomerRows {
    fn write(&mut self, tx: &mut Tx, now: Moment, is_guessed: bool) {
        let rows = std::mem::take(self);
        if is_guessed {
            unless_taken(tx, rows.new_emails.into_iter(), rows.new_numbers.into_iter());
        }
        table::add(tx, rows.added);
        // The last correction counts, unless the customer is erased in the same batch.
        let mut corrected = rows.corrected;
        corrected.retain(|id, _| !rows.erased.contains(id) && !rows.lost.contains(id));
        table::correct(tx, corrected);
        table::erase(tx, &rows.erased, now);
        table::settle_lost(tx, &rows.lost, now);
        accounts::serve(tx, rows.service);
        accounts::add(tx, rows.accounts, now);
    }
}
