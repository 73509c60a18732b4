//! The same load on turmoil: tokio tasks that exchange datagrams over its simulated network.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use turmoil::net::UdpSocket;
use turmoil::{Builder, Sim};

use crate::load::{HEARTBEAT, Kind, LATENCY_MAX, LATENCY_MIN, LOSS_PERCENT, NODES, OUTSTANDING};

const PORT: u16 = 9000;
/// Size of a message: kind, sequence number, and padding.
const BYTES: usize = 64;

/// Runs the load for a span of simulated time. Returns the number of delivered messages and expired
/// timers.
pub(crate) fn events(span: Duration) -> u64 {
    let events = Rc::new(Cell::new(0));
    let mut sim: Sim<'_> = Builder::new()
        .rng_seed(1)
        .simulation_duration(span + Duration::from_secs(1))
        .min_message_latency(LATENCY_MIN)
        .max_message_latency(LATENCY_MAX)
        // A failing link loses the current message and is repaired at once.
        .fail_rate(f64::from(LOSS_PERCENT) / 100.0)
        .repair_rate(1.0)
        .udp_capacity(1 << 16)
        .build();
    for node in 1..=NODES {
        let events = events.clone();
        sim.host(name(node), move || serve(node, events.clone()));
    }
    sim.client("clock", async move {
        tokio::time::sleep(span).await;
        Ok(())
    });
    sim.run().expect("the simulation ends with its clock");
    events.get()
}

fn name(node: u32) -> String {
    format!("n{node}")
}

async fn serve(node: u32, events: Rc<Cell<u64>>) -> turmoil::Result {
    let socket = UdpSocket::bind(("0.0.0.0", PORT)).await?;
    let peers: Vec<SocketAddr> =
        (1..=NODES).filter(|peer| *peer != node).map(|peer| (turmoil::lookup(name(peer)), PORT).into()).collect();
    let mut seen = vec![0_u64; peers.len()];
    let mut heartbeat = tokio::time::interval(HEARTBEAT);
    let mut buffer = [0; BYTES];
    loop {
        tokio::select! {
            _ = heartbeat.tick() => {
                events.set(events.get() + 1);
                for (peer, seen) in peers.iter().zip(&mut seen) {
                    send(&socket, Kind::Heartbeat, 0, *peer).await?;
                    let lost = !std::mem::take(seen);
                    for ball in (0..OUTSTANDING as u8).filter(|ball| lost >> ball & 1 == 1) {
                        send(&socket, Kind::Ping, ball, *peer).await?;
                    }
                }
            }
            received = socket.recv_from(&mut buffer) => {
                let (_, from) = received?;
                events.set(events.get() + 1);
                let ball = buffer[1];
                match buffer[0] {
                    kind if kind == Kind::Heartbeat as u8 => send(&socket, Kind::Acknowledge, ball, from).await?,
                    kind if kind == Kind::Ping as u8 => send(&socket, Kind::Pong, ball, from).await?,
                    kind if kind == Kind::Pong as u8 => {
                        if let Some(index) = peers.iter().position(|peer| *peer == from) {
                            seen[index] |= 1 << ball;
                        }
                        send(&socket, Kind::Ping, ball, from).await?;
                    }
                    _ => {}
                }
            }
        }
    }
}

async fn send(socket: &UdpSocket, kind: Kind, ball: u8, to: SocketAddr) -> std::io::Result<()> {
    let mut bytes = [1; BYTES];
    (bytes[0], bytes[1]) = (kind as u8, ball);
    // A datagram to a host that is not up yet counts as lost.
    match socket.send_to(&bytes, to).await {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => Ok(()),
        Err(error) => Err(error),
    }
}
