//! Tests of the course: every skeleton fails as it should, every solution passes, and no bug of the
//! zoo does.

#[macro_use]
mod answers;
mod kills;
mod promises;
mod skeletons;
mod solutions;
mod translations;
