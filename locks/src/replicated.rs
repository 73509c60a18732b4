//! A client's writes to a resource that it reads first, on a majority of its replicas.
//!
//! One resource that refuses lower tokens is a fence. A replica that has not heard of the new
//! holder refuses nothing, and a holder that has read the others goes on from what it has read. So
//! the reading itself has to bring the token (Junqueira's *mark*): afterwards every majority
//! contains a replica that refuses earlier holders. A resource without replicas is a majority of
//! one.

use quorate_lease::{Token, Value};
use quorate_protocol::{Context, NodeId, Outbox, RequestId};

use crate::client::{Client, Job};
use crate::id::AttemptId;
use crate::message::{Fact, Reply};
use crate::node::Lock;
use crate::rules::LockRule;

type Out = Outbox<Lock>;

impl Client {
    /// Handles what a replica contains.
    pub(crate) fn opened(
        &mut self,
        cx: &Context<Lock>,
        from: NodeId,
        (attempt, ticket): (AttemptId, RequestId),
        author: Option<(Token, AttemptId)>,
        out: &mut Out,
    ) {
        let Some(job) = self
            .jobs
            .get_mut(&ticket)
            .filter(|job| job.attempt == attempt && !job.is_sent && !job.answers.contains_key(&from))
        else {
            out.because(LockRule::LateAnswer).why(format_args!("{ticket} needs it no more"));
            return;
        };
        job.answers.insert(from, true);
        job.found = job.found.max(author);
        let replicas = cx.config.replicas_of(job.resource).len();
        let (opened, quorum) = (job.accepted(), cx.rules.quorum(replicas));
        if opened != quorum {
            out.because(LockRule::CountOpened).why(format_args!("{opened} of {quorum}"));
            return;
        }
        let (attempt, found) = (job.attempt, job.found.map(|(_, attempt)| attempt));
        out.because(LockRule::OpenedAll).emit(Fact::ResourceOpened { attempt, found });
        self.work(cx, ticket, LockRule::BeginWork, out);
    }

    /// Handles a replica's word that it has stored the write.
    pub(crate) fn stored(
        &mut self,
        cx: &Context<Lock>,
        from: NodeId,
        (attempt, ticket): (AttemptId, RequestId),
        out: &mut Out,
    ) {
        if self.jobs.get(&ticket).is_some_and(|job| job.attempt == attempt && job.is_sent) {
            self.replica_wrote(cx, from, ticket, true, out);
        } else {
            out.because(LockRule::LateAnswer).why(format_args!("{ticket} is done"));
        }
    }

    /// Handles a replica's answer to a write; or its refusal of the reading before it.
    pub(crate) fn replica_wrote(
        &mut self,
        cx: &Context<Lock>,
        from: NodeId,
        ticket: RequestId,
        accepted: bool,
        out: &mut Out,
    ) {
        let Some(job) = self.jobs.get_mut(&ticket) else { return };
        job.answers.insert(from, accepted);
        let replicas = cx.config.replicas_of(job.resource).len();
        let (stored, quorum) = (job.accepted(), cx.rules.quorum(replicas));
        let refused = job.answers.len() - stored;
        if accepted && stored >= quorum {
            let Job { attempt, ref value, .. } = *job;
            let value: Value = value.clone();
            self.jobs.remove(&ticket);
            out.because(LockRule::WriteComplete)
                .emit(Fact::WriteCompleted { attempt, value })
                .reply(ticket, Reply::Written);
        } else if refused + quorum > replicas {
            self.jobs.remove(&ticket);
            out.because(LockRule::WriteFailed).reply(ticket, Reply::WriteRefused);
        } else {
            out.because(LockRule::CountWritten).why(format_args!("{stored} of {quorum}, refused by {refused}"));
        }
    }
}

impl Job {
    /// Number of replicas that have done as they were asked, in this step of the write.
    fn accepted(&self) -> usize {
        self.answers.values().filter(|accepted| **accepted).count()
    }
}
