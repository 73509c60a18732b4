//! Three nodes of raft-rs 0.7 on threads, in an equivalent setup: in-memory storage, crossbeam
//! channels, one batch of messages per receiver and wake-up, all input drained before a node sends,
//! batched appends, an addition and a reply for every command.

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use ::raft_rs::eraftpb::{ConfState, Entry, Message};
use ::raft_rs::storage::MemStorage;
use ::raft_rs::{Config, RawNode, StateRole};
use crossbeam_channel::{Receiver, Sender, unbounded};

/// Input of a node.
enum Parcel {
    Messages(Vec<Message>),
    /// Commands, each with the number that its reply carries.
    Proposals(Vec<(u64, u64)>),
    Stop,
}

/// Number of a command, and the sum.
type Answer = (u64, u64);

const TICK: Duration = Duration::from_millis(50);

pub(crate) struct RaftRs {
    doors: Vec<Sender<Parcel>>,
    answers: Receiver<Vec<Answer>>,
    threads: Vec<JoinHandle<()>>,
    asked: u64,
}

impl RaftRs {
    pub(crate) fn start() -> Self {
        let (doors, inboxes): (Vec<_>, Vec<_>) = (0..3).map(|_| unbounded()).unzip();
        let (back, answers) = unbounded();
        let run = |(at, inbox)| {
            let node = Node {
                raft: boot(at as u64 + 1),
                inbox,
                doors: doors.clone(),
                outgoing: vec![Vec::new(); 3],
                back: back.clone(),
                answers: Vec::new(),
                sum: 0,
                compacted: 0,
            };
            std::thread::spawn(move || node.run())
        };
        let threads = inboxes.into_iter().enumerate().map(run).collect();
        let mut cluster = RaftRs { doors, answers, threads, asked: 0 };
        super::System::commit(&mut cluster, 1, 1);
        cluster
    }
}

impl super::System for RaftRs {
    fn commit(&mut self, depth: usize, commits: usize) -> Duration {
        let begun = Instant::now();
        let (mut asked, mut answered) = (0, 0);
        while answered < commits {
            let room = (depth - (asked - answered)).min(commits - asked);
            asked += room;
            let proposals = (0..room as u64).map(|_| {
                self.asked += 1;
                (self.asked, 1)
            });
            if room > 0 {
                self.doors[0].send(Parcel::Proposals(proposals.collect())).expect("its thread runs");
            }
            answered += self.answers.recv().expect("its thread runs").len();
            answered += self.answers.try_iter().map(|more| more.len()).sum::<usize>();
        }
        begun.elapsed()
    }

    fn end(self: Box<Self>) {
        for door in &self.doors {
            door.send(Parcel::Stop).expect("its thread runs");
        }
        for thread in self.threads {
            thread.join().expect("it does not panic");
        }
    }
}

fn boot(id: u64) -> RawNode<MemStorage> {
    let storage = MemStorage::new_with_conf_state(ConfState::from((vec![1, 2, 3], vec![])));
    let config = Config {
        id,
        election_tick: 10,
        heartbeat_tick: 1,
        max_size_per_msg: 1 << 20,
        max_inflight_msgs: 256,
        batch_append: true,
        ..Config::default()
    };
    let logger = slog::Logger::root(slog::Discard, slog::o!());
    let mut node = RawNode::new(&config, storage, &logger).expect("a sound configuration");
    if id == 1 {
        node.campaign().expect("it may stand for election");
    }
    node
}

struct Node {
    raft: RawNode<MemStorage>,
    inbox: Receiver<Parcel>,
    doors: Vec<Sender<Parcel>>,
    outgoing: Vec<Vec<Message>>,
    back: Sender<Vec<Answer>>,
    answers: Vec<Answer>,
    sum: u64,
    /// Index before the first one in the log.
    compacted: u64,
}

impl Node {
    fn run(mut self) {
        let mut tick = Instant::now() + TICK;
        // Proposals received before there was a leader.
        let mut early = Vec::new();
        loop {
            let mut next = self.inbox.recv_deadline(tick).ok();
            while let Some(parcel) = next {
                match parcel {
                    Parcel::Stop => return,
                    Parcel::Messages(messages) => {
                        messages.into_iter().for_each(|message| self.raft.step(message).expect("a member's message"));
                    }
                    Parcel::Proposals(mut proposals) => early.append(&mut proposals),
                }
                next = self.inbox.try_recv().ok();
            }
            if self.raft.raft.state == StateRole::Leader {
                for (number, command) in early.drain(..) {
                    let (number, command) = (number.to_le_bytes().to_vec(), command.to_le_bytes().to_vec());
                    self.raft.propose(number, command).expect("it leads");
                }
            }
            if Instant::now() >= tick {
                self.raft.tick();
                tick = Instant::now() + TICK;
            }
            while self.raft.has_ready() {
                self.serve();
            }
            self.speak();
        }
    }

    /// Processes a node's output: stores entries, sends messages, applies commands.
    fn serve(&mut self) {
        let mut ready = self.raft.ready();
        let mut messages = ready.take_messages();
        self.apply(&ready.take_committed_entries());
        {
            let mut storage = self.raft.store().wl();
            storage.append(ready.entries()).expect("the entries follow the log");
            if let Some(hard) = ready.hs() {
                storage.set_hardstate(hard.clone());
            }
        }
        messages.extend(ready.take_persisted_messages());
        let mut light = self.raft.advance(ready);
        if let Some(commit) = light.commit_index() {
            self.raft.store().wl().mut_hard_state().set_commit(commit);
        }
        messages.extend(light.take_messages());
        self.apply(&light.take_committed_entries());
        self.raft.advance_apply();
        for message in messages {
            self.outgoing[message.to as usize - 1].push(message);
        }
    }

    fn apply(&mut self, entries: &[Entry]) {
        for entry in entries {
            if let (Ok(number), Ok(command)) = (entry.context.as_ref().try_into(), entry.data.as_ref().try_into()) {
                self.sum = self.sum.wrapping_add(u64::from_le_bytes(command));
                self.answers.push((u64::from_le_bytes(number), self.sum));
            }
        }
        if let Some(last) = entries.last()
            && last.index >= self.compacted + super::KEPT + super::SNAPSHOT_EVERY
        {
            self.compacted = last.index - super::KEPT;
            self.raft.store().wl().compact(self.compacted).expect("it is applied");
        }
    }

    fn speak(&mut self) {
        for (door, messages) in self.doors.iter().zip(&mut self.outgoing) {
            if !messages.is_empty() {
                // Messages to a stopped node are dropped.
                _ = door.send(Parcel::Messages(std::mem::take(messages)));
            }
        }
        let answers = std::mem::take(&mut self.answers);
        if !answers.is_empty() && self.raft.raft.state == StateRole::Leader {
            _ = self.back.send(answers);
        }
    }
}
