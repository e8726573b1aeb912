package com.example.directorylock;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

import org.dragonflow.lock.test.TwoJvmContract;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two JVMs on one directory, configured as applications are.
 */
class DirectoryTwoJvmContractTests extends TwoJvmContract {

	static Path directory;

	@BeforeAll
	static void createDirectory(@TempDir Path empty) throws IOException {
		directory = TestDirectory.create(empty);
	}

	@Override
	protected Map<String, String> properties() {
		return Map.of("dragonflow.lock.driver", "directory", "directory-lock.path", directory.toString());
	}

}
