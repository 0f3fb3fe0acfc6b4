//! Whose network an endpoint is in, by a table of address ranges that the reader of the report brings: the program knows none.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::batch::Error;
use crate::batch::store::Store;

/// Names of networks, by address of an endpoint.
#[derive(Debug)]
pub(super) struct Networks {
    names: BTreeMap<IpAddr, String>,
}

impl Networks {
    /// Reads CSV tables of `first address, last address, number of the AS, name`, the form of ip-location-db, with `#` before a
    /// remark; without a number the third field is the name. Only what covers an address of a case is kept; of several
    /// ranges the smallest counts, of equal ones the first. Without a table there is nothing to group by.
    pub(super) fn load(tables: &[PathBuf], store: &Store) -> Result<Option<Self>, Error> {
        if tables.is_empty() {
            return Ok(None);
        }
        let mut wanted = BTreeSet::new();
        store.cases(&mut |case| {
            wanted.extend(addresses(case.get("addresses")));
            Ok(())
        })?;
        let mut nearest: BTreeMap<IpAddr, (u128, String)> = BTreeMap::new();
        for table in tables {
            read(table, &wanted, &mut nearest)?;
        }
        Ok(Some(Self { names: nearest.into_iter().map(|(address, (_, name))| (address, name)).collect() }))
    }

    /// Gives the name of the network of an endpoint with these addresses: of the first that lies in one.
    pub(super) fn name(&self, of: Option<&Value>) -> Option<&str> {
        addresses(of).find_map(|address| self.names.get(&address)).map(String::as_str)
    }
}

fn addresses(list: Option<&Value>) -> impl Iterator<Item = IpAddr> {
    let texts = list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    texts.filter_map(|text| text.parse().ok())
}

fn read(
    table: &Path,
    wanted: &BTreeSet<IpAddr>,
    nearest: &mut BTreeMap<IpAddr, (u128, String)>,
) -> Result<(), Error> {
    let wrong = |line: u64, why: String| Error::Networks { path: table.to_owned(), line, why };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_path(table)
        .map_err(|error| wrong(0, error.to_string()))?;
    let mut record = csv::StringRecord::new();
    loop {
        let line = reader.position().line();
        if !reader.read_record(&mut record).map_err(|error| wrong(line, error.to_string()))? {
            return Ok(());
        }
        let line = record.position().map_or(line, csv::Position::line);
        let (first, last) = range(&record)
            .ok_or_else(|| wrong(line, "expected `first address,last address,AS number,name`".to_owned()))?;
        let size = number(last).saturating_sub(number(first));
        for address in wanted.range(first..=last) {
            let is_nearer = nearest.get(address).is_none_or(|(known, _)| size < *known);
            if is_nearer {
                nearest.insert(*address, (size, name(&record)));
            }
        }
    }
}

/// Gives the range of a line, if it is one: both ends of one family, in order.
fn range(record: &csv::StringRecord) -> Option<(IpAddr, IpAddr)> {
    let first: IpAddr = record.get(0)?.parse().ok()?;
    let last: IpAddr = record.get(1)?.parse().ok()?;
    record.get(2)?;
    (first.is_ipv4() == last.is_ipv4() && first <= last).then_some((first, last))
}

/// Gives the name of a line's network, e.g. `AS64496 Example Net`.
fn name(record: &csv::StringRecord) -> String {
    let third = record.get(2).unwrap_or_default();
    let fourth = record.get(3).unwrap_or_default();
    let number = third.trim_start_matches("AS");
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return if fourth.is_empty() { third.to_owned() } else { format!("{third} {fourth}") };
    }
    format!("AS{number} {fourth}").trim_end().to_owned()
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(table: &str, address: &str) -> Result<Option<String>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("networks.csv");
        std::fs::write(&path, table).unwrap();
        let address: IpAddr = address.parse().unwrap();
        let mut nearest = BTreeMap::new();
        read(&path, &BTreeSet::from([address]), &mut nearest).map_err(|error| error.to_string())?;
        Ok(nearest.remove(&address).map(|(_, name)| name))
    }

    #[test]
    fn the_smallest_range_gives_the_name() {
        let table = "# ours\n192.0.2.0,192.0.2.255,64496,\"Example, Net\"\n192.0.2.16,192.0.2.31,AS64497,Branch\n\
                     10.0.0.0,10.255.255.255,Head office\n2001:db8::,2001:db8:ffff::,64498,Six\n";
        for (address, name) in [
            ("192.0.2.1", Some("AS64496 Example, Net")),
            ("192.0.2.17", Some("AS64497 Branch")),
            ("10.1.2.3", Some("Head office")),
            ("2001:db8::1", Some("AS64498 Six")),
            ("203.0.113.1", None),
        ] {
            assert_eq!(named(table, address).unwrap().as_deref(), name, "{address}");
        }
    }

    #[test]
    fn a_line_that_is_no_range_is_told_by_its_number() {
        for wrong in ["ip,end,as,name", "192.0.2.9,192.0.2.1,1,x", "192.0.2.1,2001:db8::,1,x", "192.0.2.1"] {
            let said = named(&format!("192.0.2.0,192.0.2.255,1,x\n{wrong}\n"), "192.0.2.1").unwrap_err();
            assert!(said.contains("networks.csv` cannot be used: line 2"), "{said}");
        }
    }
}
