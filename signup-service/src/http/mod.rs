//! The service's HTTP side: pages for visitors, JSON for programs.

pub mod signup;
