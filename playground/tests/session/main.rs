//! Tests of sessions: each request, every scenario, random sessions, and any requests at all.

mod any_requests;
mod attacks;
mod branches;
mod liars;
mod opening;
mod page;
mod random_sessions;
mod scenarios;
mod travel;
