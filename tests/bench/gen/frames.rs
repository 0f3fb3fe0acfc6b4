//! Ethernet, IPv4, UDP and TCP with true checksums, and a TCP conversation as one endpoint would capture it.

use std::collections::BTreeMap;

use super::rng::Rng;

pub(super) type Pk = (u64, Vec<u8>);
#[derive(Clone, Copy)]
pub(super) struct Ep {
    pub(super) mac: [u8; 6],
    pub(super) ip: [u8; 4],
    pub(super) port: u16,
}

pub(super) fn sum16(mut acc: u32, b: &[u8]) -> u32 {
    let mut it = b.chunks_exact(2);
    for c in &mut it {
        acc += u16::from_be_bytes([c[0], c[1]]) as u32;
    }
    if let [x] = it.remainder() {
        acc += (*x as u32) << 8;
    }
    acc
}
pub(super) fn fold(mut a: u32) -> u16 {
    while a >> 16 != 0 {
        a = (a & 0xffff) + (a >> 16);
    }
    !(a as u16)
}

pub(super) fn ip_frame(s: &Ep, d: &Ep, proto: u8, id: u16, l4: &[u8], ck_at: usize) -> Vec<u8> {
    let tot = 20 + l4.len();
    let mut f = Vec::with_capacity((14 + tot).max(60));
    f.extend_from_slice(&d.mac);
    f.extend_from_slice(&s.mac);
    f.extend_from_slice(&[8, 0]);
    let mut h = [0u8; 20];
    h[0] = 0x45;
    h[2..4].copy_from_slice(&(tot as u16).to_be_bytes());
    h[4..6].copy_from_slice(&id.to_be_bytes());
    h[6] = 0x40;
    h[8] = if s.ip[0] == 192 { 128 } else { 57 };
    h[9] = proto;
    h[12..16].copy_from_slice(&s.ip);
    h[16..20].copy_from_slice(&d.ip);
    let c = fold(sum16(0, &h));
    h[10..12].copy_from_slice(&c.to_be_bytes());
    f.extend_from_slice(&h);
    let at = f.len();
    f.extend_from_slice(l4);
    let mut a = sum16(0, &s.ip);
    a = sum16(a, &d.ip);
    a += proto as u32 + l4.len() as u32;
    a = sum16(a, l4);
    let c = fold(a);
    f[at + ck_at..at + ck_at + 2].copy_from_slice(&c.to_be_bytes());
    f
}
pub(super) fn udp(s: &Ep, d: &Ep, id: u16, p: &[u8]) -> Vec<u8> {
    let mut l = Vec::with_capacity(8 + p.len());
    l.extend_from_slice(&s.port.to_be_bytes());
    l.extend_from_slice(&d.port.to_be_bytes());
    l.extend_from_slice(&((8 + p.len()) as u16).to_be_bytes());
    l.extend_from_slice(&[0, 0]);
    l.extend_from_slice(p);
    ip_frame(s, d, 17, id, &l, 6)
}
pub(super) const FIN: u8 = 1;
pub(super) const SYN: u8 = 2;
pub(super) const RST: u8 = 4;
pub(super) const PSH: u8 = 8;
pub(super) const ACK: u8 = 16;

pub(super) struct Conv<'a> {
    pub(super) c: Ep,
    pub(super) s: Ep,
    pub(super) cs: u32,
    pub(super) ss: u32,
    pub(super) t: u64,
    pub(super) rtt: u64,
    pub(super) id: u16,
    pub(super) pk: Vec<Pk>,
    pub(super) r: &'a mut Rng,
    pub(super) loss: u64,
    pub(super) tr: &'a mut Truth,
}
#[derive(Default)]
pub(super) struct Truth {
    pub(super) n: BTreeMap<&'static str, u64>,
}
impl Truth {
    pub(super) fn add(&mut self, k: &'static str, v: u64) {
        *self.n.entry(k).or_default() += v;
    }
}

impl<'a> Conv<'a> {
    pub(super) fn seg(&mut self, t: u64, fromc: bool, seq: u32, ack: u32, fl: u8, data: &[u8]) {
        let (s, d) = if fromc { (self.c, self.s) } else { (self.s, self.c) };
        let mut l = Vec::with_capacity(40 + data.len());
        l.extend_from_slice(&s.port.to_be_bytes());
        l.extend_from_slice(&d.port.to_be_bytes());
        l.extend_from_slice(&seq.to_be_bytes());
        l.extend_from_slice(&ack.to_be_bytes());
        let syn = fl & SYN != 0;
        let off: u8 = if syn {
            10
        } else if fl & RST != 0 {
            5
        } else {
            8
        };
        l.push(off << 4);
        l.push(fl);
        let win: u16 = if syn {
            64240
        } else if fromc {
            1026
        } else {
            501
        };
        l.extend_from_slice(&win.to_be_bytes());
        l.extend_from_slice(&[0, 0, 0, 0]);
        let tsv = (t / 1000) as u32;
        if syn {
            l.extend_from_slice(&[2, 4, 5, 0xb4, 4, 2, 8, 10]);
            l.extend_from_slice(&tsv.to_be_bytes());
            l.extend_from_slice(&[0, 0, 0, 0, 1, 3, 3, 8]);
        } else if off == 8 {
            l.extend_from_slice(&[1, 1, 8, 10]);
            l.extend_from_slice(&tsv.to_be_bytes());
            l.extend_from_slice(&tsv.wrapping_sub(3).to_be_bytes());
        }
        l.extend_from_slice(data);
        self.id = self.id.wrapping_add(1);
        let f = ip_frame(&s, &d, 6, self.id, &l, 16);
        self.pk.push((t, f));
    }
    pub(super) fn open(&mut self) {
        let (t, cs, ss) = (self.t, self.cs, self.ss);
        self.seg(t, true, cs, 0, SYN, &[]);
        self.seg(t + self.rtt, false, ss, cs.wrapping_add(1), SYN | ACK, &[]);
        self.cs = cs.wrapping_add(1);
        self.ss = ss.wrapping_add(1);
        self.seg(t + self.rtt + 20, true, self.cs, self.ss, ACK, &[]);
        self.t = t + self.rtt + 60;
    }
    /// Sends data in 1448-byte segments; the peer acknowledges every second one. Loss: the segment shows up one RTT later, after 3 duplicate ACKs.
    pub(super) fn send(&mut self, fromc: bool, data: &[u8]) {
        let mut pos = 0;
        let mut k = 0;
        let mut t = self.t;
        let mut hole: Option<(u64, u32)> = None;
        let mut cnt = 0;
        while pos < data.len() {
            let n = (data.len() - pos).min(1448);
            let (seq, ack) = if fromc { (self.cs, self.ss) } else { (self.ss, self.cs) };
            let last = pos + n == data.len();
            let fl = ACK | if last { PSH } else { 0 };
            if hole.is_none() && !last && self.r.chance(self.loss) {
                let when = t + self.rtt;
                self.seg(when, fromc, seq, ack, fl, &data[pos..pos + n]);
                self.tr.add("tcp_late_retransmit", 1);
                hole = Some((when, seq));
                cnt = 0;
            } else {
                self.seg(t, fromc, seq, ack, fl, &data[pos..pos + n]);
                if self.loss > 0 && self.r.chance(self.loss / 4) {
                    self.seg(t + self.rtt, fromc, seq, ack, fl, &data[pos..pos + n]);
                    self.tr.add("tcp_spurious_retransmit", 1);
                }
            }
            let nx = seq.wrapping_add(n as u32);
            if fromc {
                self.cs = nx
            } else {
                self.ss = nx
            }
            pos += n;
            k += 1;
            if let Some((w, hs)) = hole {
                if t >= w {
                    hole = None;
                } else if cnt < 3 {
                    cnt += 1;
                    let a = if fromc { self.cs } else { self.ss };
                    let _ = a;
                    let other = if fromc { self.ss } else { self.cs };
                    self.seg(t + 15, !fromc, other, hs, ACK, &[]);
                    self.tr.add("tcp_dup_ack", 1);
                }
            }
            if hole.is_none() && (k % 2 == 0 || last) {
                let (q, a) = if fromc { (self.ss, self.cs) } else { (self.cs, self.ss) };
                self.seg(t + 10, !fromc, q, a, ACK, &[]);
            }
            t += 110 + self.r.below(30);
            if k % 40 == 0 {
                t += self.rtt;
            }
        }
        self.t = t + self.rtt / 2;
    }
    pub(super) fn close(&mut self) {
        let t = self.t;
        self.seg(t, true, self.cs, self.ss, FIN | ACK, &[]);
        self.seg(t + self.rtt, false, self.ss, self.cs.wrapping_add(1), FIN | ACK, &[]);
        self.seg(t + self.rtt + 15, true, self.cs.wrapping_add(1), self.ss.wrapping_add(1), ACK, &[]);
    }
    pub(super) fn reset(&mut self, fromc: bool) {
        let t = self.t;
        let (q, a) = if fromc { (self.cs, self.ss) } else { (self.ss, self.cs) };
        self.seg(t, fromc, q, a, RST | ACK, &[]);
        self.tr.add("tcp_rst", 1);
    }
}
