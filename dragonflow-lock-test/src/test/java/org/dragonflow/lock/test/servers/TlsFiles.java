package org.dragonflow.lock.test.servers;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;

/**
 * A certificate for servers on this host, and its key, as files.
 *
 * @param certificate in PEM, also to be trusted by clients
 * @param key in PEM
 */
record TlsFiles(Path certificate, Path key) {

	private static final String PASSWORD = "secret";

	/**
	 * Makes a new certificate.
	 * @param directory where the files go
	 */
	static TlsFiles create(Path directory) {
		Path store = directory.resolve("server.p12");
		Commands.run(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair",
				"-alias", "server", "-keyalg", "RSA", "-keysize", "2048", "-validity", "2", "-dname", "CN=localhost",
				"-ext", "san=ip:127.0.0.1,dns:localhost", "-storetype", "PKCS12", "-keystore", store.toString(),
				"-storepass", PASSWORD));
		try (InputStream in = Files.newInputStream(store)) {
			KeyStore keys = KeyStore.getInstance("PKCS12");
			keys.load(in, PASSWORD.toCharArray());
			return new TlsFiles(
					pem(directory.resolve("server.crt"), "CERTIFICATE", keys.getCertificate("server").getEncoded()),
					pem(directory.resolve("server.key"), "PRIVATE KEY",
							keys.getKey("server", PASSWORD.toCharArray()).getEncoded()));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("Cannot make a certificate", ex);
		}
	}

	private static Path pem(Path file, String kind, byte[] content) throws IOException {
		String body = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(content);
		return Files.writeString(file, "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n");
	}

}
