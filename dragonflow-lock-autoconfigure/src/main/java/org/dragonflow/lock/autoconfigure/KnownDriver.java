package org.dragonflow.lock.autoconfigure;

import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.util.ClassUtils;

/**
 * What an in-tree driver needs, for messages that say what is missing.
 *
 * @param name the value of {@code dragonflow.lock.driver}
 * @param library a class of the library that it needs, null for none
 * @param dependency what brings the library
 * @param bean the type of the one bean that it needs, null for none
 * @param marker what marks one of several such beans as the one for locks, null for none
 */
record KnownDriver(String name, @Nullable String library, @Nullable String dependency, @Nullable String bean,
		@Nullable String marker) {

	private static final String LOCK_REGISTRY = "org.springframework.integration.support.locks.LockRegistry";

	static final List<KnownDriver> ALL = List.of(
			new KnownDriver("jdbc", "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
					"org.springframework.boot:spring-boot-starter-jdbc", "javax.sql.DataSource", "@LockDataSource"),
			new KnownDriver("redis", "org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration",
					"org.springframework.boot:spring-boot-starter-data-redis",
					"org.springframework.data.redis.connection.RedisConnectionFactory", null),
			new KnownDriver("etcd", "io.etcd.jetcd.Client", "io.etcd:jetcd-core:0.8.7", null, null),
			new KnownDriver("zookeeper", "org.apache.curator.framework.CuratorFramework",
					"org.apache.curator:curator-framework:5.9.0", null, null),
			new KnownDriver("registry", LOCK_REGISTRY, "org.springframework.integration:spring-integration-core",
					LOCK_REGISTRY, null),
			new KnownDriver("local", null, null, null, null));

	/**
	 * What the driver lacks in an application.
	 * @param beanFactory the application's beans
	 * @return null if nothing
	 */
	@Nullable Lack lack(ConfigurableListableBeanFactory beanFactory) {
		ClassLoader classLoader = beanFactory.getBeanClassLoader();
		if (this.library != null && !ClassUtils.isPresent(this.library, classLoader)) {
			return new Lack("its library is not on the class path", "add the dependency " + this.dependency);
		}
		return (this.bean != null) ? lackOfBean(ClassUtils.resolveClassName(this.bean, classLoader), beanFactory)
				: null;
	}

	private @Nullable Lack lackOfBean(Class<?> type, ConfigurableListableBeanFactory beanFactory) {
		String name = type.getSimpleName();
		List<String> candidates = Arrays
			.stream(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beanFactory, type, true, false))
			.filter((bean) -> is(bean, beanFactory, true, AbstractBeanDefinition::isDefaultCandidate))
			// The registry that is made of a lock cannot be what the lock is made of.
			.filter((bean) -> !bean.equals(DragonflowLockAutoConfiguration.LOCK_REGISTRY_BEAN))
			.toList();
		if (candidates.isEmpty()) {
			return new Lack("there is no " + name + " bean", "configure or define a " + name);
		}
		if (candidates.size() > 1 && candidates.stream()
			.noneMatch((bean) -> is(bean, beanFactory, false, AbstractBeanDefinition::isPrimary))) {
			return new Lack("there are several " + name + " beans, and none is marked",
					"mark one of the beans " + String.join(", ", candidates) + " with @Primary"
							+ ((this.marker != null) ? ", or with " + this.marker : ""));
		}
		return null;
	}

	private static boolean is(String bean, ConfigurableListableBeanFactory beanFactory, boolean otherwise,
			Predicate<AbstractBeanDefinition> property) {
		// Beans without a definition of their own have no such properties.
		return (beanFactory.containsBeanDefinition(bean)
				&& beanFactory.getMergedBeanDefinition(bean) instanceof AbstractBeanDefinition definition)
						? property.test(definition) : otherwise;
	}

	/**
	 * What is missing for a driver.
	 *
	 * @param problem a clause that says what is missing
	 * @param remedy a clause that says what to do
	 */
	record Lack(String problem, String remedy) {
	}

}
