//! Protocols and instruments together.
//!
//! A protocol crate knows no instrument, and the instruments know no protocol. Here they meet, once for everybody who needs
//! both: the command line, the exercises, the tests that cross crates, and experiments of your own.
//!
//! | module | what it holds |
//! |---|---|
//! | [`protocols`] | what the scenario language knows of each protocol |
//! | [`catalogue`] | the scenarios that come with Quorate |
//! | [`experiments`] | random runs of each protocol under faults |
//! | [`live`] | what each protocol runs as on threads: the nodes, and what clients ask for |
//! | [`checks`] | exhaustive searches of each protocol, and of each bug |
//! | [`sightings`] | the bugs of the zoo, met, and the same schedule by the book |
//! | [`found`] | what these find, as scenarios that can be committed |

pub mod catalogue;
pub mod checks;
pub mod experiments;
pub mod found;
pub mod live;
pub mod protocols;
pub mod sightings;
