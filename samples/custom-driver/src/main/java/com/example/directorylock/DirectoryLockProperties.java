package com.example.directorylock;

import java.nio.file.Path;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Where the locks are, and how long to wait.
 *
 * @param path Directory that keeps the locks, the same for all instances. It has a file
 * named "mutex", made once by hand.
 * @param timeout How long to wait for one's turn in the directory.
 * @param pollInterval Longest pause between two looks for a released lock.
 */
@ConfigurationProperties("directory-lock")
public record DirectoryLockProperties(@Nullable Path path, @DefaultValue("5s") Duration timeout,
		@DefaultValue("50ms") Duration pollInterval) {

	Path checkedPath() {
		if (this.path == null) {
			throw new InvalidConfigurationPropertyValueException("directory-lock.path", null,
					"must name the directory that keeps the locks");
		}
		return this.path;
	}

}
