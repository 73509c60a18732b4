//! The linearizability checker against histories whose verdict is known: from the papers, from a second checker that
//! tries everything, and from files, good and bad.

mod agreement;
mod brute_force;
mod claims;
mod files;
mod load;
mod random;
mod threads;
