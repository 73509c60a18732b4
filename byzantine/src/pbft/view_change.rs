//! View changes: another primary, which proposes again what may have been committed (§4.4).

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::NodeId;
use quorate_protocol::Ruling::Allow;

use super::certificate::{self, Beginning};
use super::disk::Record;
use super::message::{Fact, Message, NewView, Phase, PrePrepare, Proposal, Timer, ViewChange};
use super::replica::{Cx, Out, Replica, others};
use super::request::Digest;
use super::rules::PbftRule;
use crate::sealed::Sealed;

impl Replica {
    /// Handles the timer: a request, or the new view, is late.
    pub(crate) fn suspect(&mut self, cx: &Cx<'_>, out: &mut Out) {
        self.timed = false;
        if self.pending.is_empty() && !self.disk.changing {
            out.because(PbftRule::StayIdle);
            return;
        }
        self.leave(cx, PbftRule::SuspectPrimary, self.disk.view.saturating_add(1), out);
    }

    /// Leaves the view, and asks for another.
    fn leave(&mut self, cx: &Cx<'_>, rule: PbftRule, view: u64, out: &mut Out) {
        if self.timed {
            self.timed = false;
            out.because(rule).disarm(Timer::Progress);
        }
        self.attempts = self.attempts.saturating_add(1);
        self.votes.clear();
        self.write(rule, Record::ViewChange { view }, out);
        out.because(rule)
            .why(format_args!("{} shall be the primary of view {view}", cx.config.primary(view)))
            .emit(Fact::Suspected { view });
        self.send_view_change(cx, rule, out);
        self.collect(cx, out);
    }

    /// Sends all its wish for the view that it waits for.
    pub(crate) fn send_view_change(&mut self, cx: &Cx<'_>, rule: PbftRule, out: &mut Out) {
        let change = ViewChange {
            view: self.disk.view,
            stable: self.disk.stable,
            proof: self.disk.proof.clone(),
            prepared: self.disk.prepared.clone(),
            replica: cx.me,
        };
        let view_change = Sealed::new(cx, change);
        let mut because = out.because(rule);
        for replica in others(cx) {
            because.send(replica, Message::ViewChange { view_change: view_change.clone() });
        }
        self.view_changes.insert(cx.me, view_change);
    }

    /// Counts another replica's wish.
    pub(crate) fn view_change(&mut self, cx: &Cx<'_>, change: Sealed<ViewChange>, out: &mut Out) {
        let (view, replica) = (change.body().view, change.claimed());
        if view < self.disk.view || (view == self.disk.view && !self.disk.changing) {
            let mut because = out.because(PbftRule::OldView);
            because.why(format_args!("{} is in view {}, {replica} wants {view}", cx.me, self.disk.view));
            if let (true, Some(new_view)) = (replica != cx.me, &self.disk.new_view) {
                because.send(replica, Message::NewView { new_view: Sealed::clone(new_view) });
            }
            return;
        }
        if !certificate::proves(cx, change.body()) {
            out.because(PbftRule::NoProof).why(format_args!("{replica} does not prove what it says was prepared"));
            return;
        }
        if self.view_changes.get(&replica).is_some_and(|held| held.body().view > view) {
            out.because(PbftRule::OldView).why(format_args!("{replica} wants a later view by now"));
            return;
        }
        self.view_changes.insert(replica, change);
        out.because(PbftRule::CountViewChange).why(format_args!("{replica} wants view {view}"));
        let later: Vec<u64> = self.wishes(cx.me).filter(|view| *view > self.disk.view).collect();
        match (cx.rules.joins(cx.config.faults(), later.len()), later.iter().min()) {
            (Allow(rule), Some(view)) => self.leave(cx, rule, *view, out),
            _ => self.collect(cx, out),
        }
    }

    /// The views that replicas other than this one want.
    fn wishes(&self, me: NodeId) -> impl Iterator<Item = u64> {
        self.view_changes.iter().filter(move |(replica, _)| **replica != me).map(|(_, change)| change.body().view)
    }

    /// While it waits for a view: gives its primary a time once 2f+1 are as far, and begins it if
    /// it is the primary.
    fn collect(&mut self, cx: &Cx<'_>, out: &mut Out) {
        if !self.disk.changing {
            return;
        }
        let view = self.disk.view;
        let as_far = self.wishes(cx.me).filter(|wish| *wish >= view).count() + 1;
        let enough = cx.rules.begins(cx.config.faults(), as_far).allows();
        if enough && !self.timed {
            self.timed = true;
            out.because(PbftRule::WaitForNewView)
                .why(format_args!("{as_far} replicas want view {view}"))
                .arm(Timer::Progress, self.patience(cx));
        }
        if cx.config.primary(view) != cx.me {
            return;
        }
        let changes: BTreeSet<_> =
            self.view_changes.values().filter(|change| change.body().view == view).cloned().collect();
        if let Allow(rule) = cx.rules.begins(cx.config.faults(), changes.len()) {
            self.begin(cx, rule, changes, out);
        }
    }

    /// The primary begins its view.
    fn begin(&mut self, cx: &Cx<'_>, rule: PbftRule, changes: BTreeSet<Sealed<ViewChange>>, out: &mut Out) {
        let view = self.disk.view;
        let requests = certificate::follows(cx, changes.iter()).requests;
        let propose = |(number, request): (u64, Option<Sealed<_>>)| {
            let digest = Digest::of(request.as_ref());
            let body = PrePrepare { view, number, digest, replica: cx.me };
            (number, Proposal { pre_prepare: Sealed::new(cx, body), request })
        };
        let proposals: BTreeMap<u64, Proposal> = requests.into_iter().map(propose).collect();
        let body = NewView { view, view_changes: changes, proposals, replica: cx.me };
        let new_view = Sealed::new(cx, body);
        let mut because = out.because(rule);
        because.why(format_args!("{} view changes", new_view.body().view_changes.len()));
        for replica in others(cx) {
            because.send(replica, Message::NewView { new_view: new_view.clone() });
        }
        self.enter(cx, rule, new_view, out);
    }

    /// Handles the beginning of a view.
    pub(crate) fn new_view(&mut self, cx: &Cx<'_>, new_view: Sealed<NewView>, out: &mut Out) {
        let NewView { view, replica, .. } = *new_view.body();
        if view < self.disk.view || (view == self.disk.view && !self.disk.changing) {
            out.because(PbftRule::OldView).why(format_args!("{} is in view {}", cx.me, self.disk.view));
        } else if replica != cx.config.primary(view) {
            out.because(PbftRule::NotThePrimary).why(format_args!("{replica} is a backup in view {view}"));
        } else if !certificate::is_new_view(cx, new_view.body()) {
            out.because(PbftRule::RefuseNewView)
                .why(format_args!("the view changes do not prove what {replica} proposes in view {view}"));
        } else {
            self.enter(cx, PbftRule::EnterView, new_view, out);
        }
    }

    fn enter(&mut self, cx: &Cx<'_>, rule: PbftRule, new_view: Sealed<NewView>, out: &mut Out) {
        let body = new_view.body().clone();
        let Beginning { stable, proof, .. } = certificate::follows(cx, body.view_changes.iter());
        let proof = proof.cloned().unwrap_or_default();
        self.votes.clear();
        self.write(rule, Record::NewView { new_view: Box::new(new_view) }, out);
        out.because(rule)
            .why(format_args!("view {} begins with {} proposals", body.view, body.proposals.len()))
            .emit(Fact::Entered { view: body.view });
        if self.timed {
            self.timed = false;
            out.because(rule).disarm(Timer::Progress);
        }
        if stable > self.disk.stable && certificate::is_stable(cx, stable, &proof) {
            self.stabilise(cx, PbftRule::Stable, stable, proof, out);
        }
        for (number, proposal) in body.proposals {
            // A replica whose stable checkpoint is later needs no part of the log below.
            if !cx.rules.in_window(self.disk.stable, self.high(cx), number) {
                continue;
            }
            let digest = proposal.pre_prepare.body().digest;
            if !self.is_primary(cx) {
                self.vote(cx, PbftRule::Prepare, Phase::Prepare, number, digest, out);
            }
            self.advance(cx, number, out);
        }
        self.rest(cx, out);
    }
}
