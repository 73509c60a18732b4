//! The linearizability checker on histories with a known verdict: from the papers, by brute force,
//! and from files, valid and invalid.

mod agreement;
mod brute_force;
mod claims;
mod files;
mod load;
mod random;
mod threads;
