package org.dragonflow.samples.northbound.network;

import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * A range of IPv4 addresses.
 *
 * @param first the first address of the range
 * @param prefixLength how many leading bits all its addresses share
 */
record AddressRange(int first, int prefixLength) {

	private static final String OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";

	/**
	 * What a range is written like. It has 4 to 65536 addresses.
	 */
	static final String PATTERN = "(" + OCTET + "\\.){3}" + OCTET + "/(1[6-9]|2\\d|30)";

	static AddressRange parse(String cidr) {
		int slash = cidr.indexOf('/');
		int prefixLength = Integer.parseInt(cidr.substring(slash + 1));
		int address = 0;
		for (String octet : cidr.substring(0, slash).split("\\.")) {
			address = (address << 8) | Integer.parseInt(octet);
		}
		return new AddressRange(address & mask(prefixLength), prefixLength);
	}

	/**
	 * The lowest address that is free. The first one names the range, the next is the
	 * gateway's, and the last is for broadcast.
	 * @param taken the addresses in use
	 * @return the address, or null if none is left
	 */
	@Nullable String lowestFree(Set<String> taken) {
		for (int host = 2; host < size() - 1; host++) {
			String address = format(this.first + host);
			if (!taken.contains(address)) {
				return address;
			}
		}
		return null;
	}

	boolean contains(String address) {
		return (parse(address + "/32").first & mask(this.prefixLength)) == this.first;
	}

	boolean overlaps(AddressRange other) {
		int common = mask(Math.min(this.prefixLength, other.prefixLength));
		return (this.first & common) == (other.first & common);
	}

	private int size() {
		return 1 << (32 - this.prefixLength);
	}

	private static int mask(int prefixLength) {
		return -1 << (32 - prefixLength);
	}

	private static String format(int address) {
		return ((address >>> 24) & 0xff) + "." + ((address >>> 16) & 0xff) + "." + ((address >>> 8) & 0xff) + "."
				+ (address & 0xff);
	}

}
