package org.dragonflow.lock.aop;

import java.util.concurrent.Flow;
import java.util.concurrent.FutureTask;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import org.dragonflow.lock.NbLocked;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.autoproxy.BeanNameAutoProxyCreator;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanNameAware;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Scope;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;

/**
 * Beans that use the annotation wrongly, one mistake each.
 */
final class WrongUses {

	private WrongUses() {
	}

	static class FinalMethod {

		@NbLocked("#id")
		public final void work(String id) {
		}

	}

	static class PrivateMethod {

		@NbLocked("#id")
		private void work(String id) {
		}

	}

	static class StaticMethod {

		@NbLocked("#id")
		public static void work(String id) {
		}

	}

	static final class FinalClass {

		@NbLocked("#id")
		public void work(String id) {
		}

	}

	static class NotOfInterface implements Api {

		@Override
		public void other() {
		}

		@NbLocked("#id")
		public void work(String id) {
		}

	}

	interface Api {

		void other();

	}

	static class NotParsing {

		@NbLocked("#id.(")
		public void work(String id) {
		}

	}

	static class Blank {

		@NbLocked(" ")
		public void work(String id) {
		}

	}

	static class Typo {

		@NbLocked("#netwrokId")
		public void work(String networkId, int count) {
		}

	}

	static class DeepTypo {

		@NbLocked("{#networkId, 'x-' + (#networkId.isEmpty() ? 'a' : #typo.trim())}")
		public void work(String networkId) {
		}

	}

	static class WrongPosition {

		@NbLocked("#a1")
		public void work(String id) {
		}

	}

	static class Function {

		@NbLocked("#hash(#id)")
		public void work(String id) {
		}

	}

	static class BadWait {

		@NbLocked(value = "#id", waitTime = "soon")
		public void work(String id) {
		}

	}

	static class NegativeWait {

		@NbLocked(value = "#id", waitTime = "-1s")
		public void work(String id) {
		}

	}

	static class ShortLease {

		@NbLocked(value = "#id", lease = "99ms")
		public void work(String id) {
		}

	}

	static class Contradiction {

		@NbLocked(value = "#id", block = false, waitTime = "1s")
		public void work(String id) {
		}

	}

	static class Colon {

		@NbLocked(value = "#id", scope = "a:b")
		public void work(String id) {
		}

	}

	static class NoSuchPlaceholder {

		@NbLocked(value = "#id", scope = "${not.there}")
		public void work(String id) {
		}

	}

	static class Future {

		@NbLocked("#id")
		public FutureTask<String> work(String id) {
			return new FutureTask<>(() -> id);
		}

	}

	static class Reactive {

		@NbLocked("#id")
		public Flow.@Nullable Publisher<String> work(String id) {
			return null;
		}

	}

	static class AsyncInside {

		@Async
		@NbLocked("#id")
		public void work(String id) {
		}

	}

	@EnableAsync(order = 0, proxyTargetClass = true)
	static class AsyncFirst {

	}

	@Lazy
	static class LazyTypo {

		@NbLocked("#typo")
		public void work(String id) {
		}

	}

	static class OnPostConstruct {

		@PostConstruct
		@NbLocked("'all'")
		public void work() {
		}

	}

	static class OnAfterPropertiesSet implements InitializingBean {

		@Override
		@NbLocked("'all'")
		public void afterPropertiesSet() {
		}

	}

	static class WithMethods {

		@NbLocked("'all'")
		public void work() {
		}

		@NbLocked("'all'")
		public void shutdown() {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OnInitMethod {

		@Bean(initMethod = "work", destroyMethod = "")
		WithMethods bean() {
			return new WithMethods();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OnInferredShutdown {

		@Bean
		WithMethods bean() {
			return new WithMethods();
		}

	}

	static class OnPreDestroy {

		@PreDestroy
		@NbLocked("'all'")
		public void work() {
		}

	}

	static class OnDestroy implements DisposableBean {

		@Override
		@NbLocked("'all'")
		public void destroy() {
		}

	}

	static class OnClose implements AutoCloseable {

		@Override
		@NbLocked("'all'")
		public void close() {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NotCalledBack {

		@Bean
		@Scope("prototype")
		OnClose prototype() {
			return new OnClose();
		}

		@Bean(destroyMethod = "")
		OnClose notClosed() {
			return new OnClose();
		}

	}

	static class OnAutowired {

		@Autowired
		@NbLocked("'all'")
		public void setFactory(BeanFactory factory) {
		}

	}

	static class OnAware implements BeanNameAware {

		@Override
		@NbLocked("#name")
		public void setBeanName(String name) {
		}

	}

	static class OnEquals {

		@Override
		@NbLocked("'all'")
		public boolean equals(@Nullable Object other) {
			return this == other;
		}

		@Override
		public int hashCode() {
			return 1;
		}

	}

	static class NoSign {

		@NbLocked("id")
		public void work(String id) {
		}

	}

	static class Configured {

		@NbLocked("${the.id}")
		public void work(String id, Object order) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ProxiedAgain {

		@Bean
		static BeanNameAutoProxyCreator creator() {
			BeanNameAutoProxyCreator creator = new BeanNameAutoProxyCreator();
			creator.setBeanNames("*AsyncInside");
			creator.setProxyTargetClass(true);
			return creator;
		}

	}

}
