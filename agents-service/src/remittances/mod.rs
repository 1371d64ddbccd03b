//! Remittances: an agent is paid what they earned. A request reserves its amount at once; each further step happens once, whoever
//! clicks where. [`model`] decides with the balance that the writer reads in the same transaction.

pub mod model;
