package org.dragonflow.lock.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.ClassUtils;

/**
 * What an in-tree driver needs, for messages that say what is missing.
 *
 * @param name the value of {@code dragonflow.lock.driver}
 * @param library a class of the library that it needs, null for none
 * @param dependency what brings the library
 * @param bean the type of the one bean that it needs, null for none
 */
record KnownDriver(String name, @Nullable String library, @Nullable String dependency, @Nullable String bean) {

	static final List<KnownDriver> ALL = List.of(
			new KnownDriver("jdbc", "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
					"org.springframework.boot:spring-boot-starter-jdbc", "javax.sql.DataSource"),
			new KnownDriver("local", null, null, null));

	/**
	 * What to do to be able to use the driver.
	 * @param beanFactory the application's beans
	 * @return null if nothing, else a sentence without its end
	 */
	@Nullable String missing(ConfigurableListableBeanFactory beanFactory) {
		ClassLoader classLoader = beanFactory.getBeanClassLoader();
		if (this.library != null && !ClassUtils.isPresent(this.library, classLoader)) {
			return "add the dependency " + this.dependency;
		}
		if (this.bean == null) {
			return null;
		}
		String type = ClassUtils.getShortName(this.bean);
		String[] names = BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beanFactory,
				ClassUtils.resolveClassName(this.bean, classLoader), true, false);
		if (names.length == 0) {
			return "define a " + type + " bean, which is missing";
		}
		if (names.length > 1 && !hasPrimary(beanFactory, names)) {
			return "mark as @Primary the one to use of the " + type + " beans " + String.join(", ", names);
		}
		return null;
	}

	private static boolean hasPrimary(ConfigurableListableBeanFactory beanFactory, String[] names) {
		for (String name : names) {
			if (beanFactory.containsBeanDefinition(name) && beanFactory.getBeanDefinition(name).isPrimary()) {
				return true;
			}
		}
		return false;
	}

}
