package org.dragonflow.lock.cloud;

import java.util.function.Supplier;

import org.dragonflow.lock.engine.EngineSettings;
import org.dragonflow.lock.engine.InstanceNaming;
import org.jspecify.annotations.Nullable;

import org.springframework.cloud.client.serviceregistry.Registration;
import org.springframework.cloud.commons.util.IdUtils;
import org.springframework.core.env.PropertyResolver;

/**
 * Names an instance as Spring Cloud does: by the id in the service registry, or by what
 * that is made of. With the host in front where the id does not tell it.
 */
final class CloudInstanceNaming implements InstanceNaming {

	private final @Nullable Registration registration;

	private final PropertyResolver properties;

	private final Supplier<@Nullable String> localHost;

	/**
	 * Creates a naming for one instance.
	 * @param registration of this instance, if it registers itself
	 * @param localHost the name of this host
	 */
	CloudInstanceNaming(@Nullable Registration registration, PropertyResolver properties,
			Supplier<@Nullable String> localHost) {
		this.registration = registration;
		this.properties = properties;
		this.localHost = localHost;
	}

	@Override
	public String newName() {
		String host = (this.registration != null) ? this.registration.getHost() : this.localHost.get();
		String id = (this.registration != null) ? this.registration.getInstanceId() : null;
		if (id == null) {
			id = IdUtils.getDefaultInstanceId(this.properties);
		}
		if (id == null || id.isEmpty()) {
			return (host != null) ? EngineSettings.newInstanceName(host) : EngineSettings.newInstanceName();
		}
		return EngineSettings.newInstanceName((host != null && !id.contains(host)) ? host + "-" + id : id);
	}

}
