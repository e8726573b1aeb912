package org.dragonflow.lock.aop;

import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.Map;

import org.dragonflow.lock.aop.AnnotatedMethods.Use;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.ReflectionHints;
import org.springframework.beans.factory.aot.BeanRegistrationAotContribution;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.RegisteredBean;
import org.springframework.expression.ParseException;
import org.springframework.expression.spel.SpelNode;
import org.springframework.expression.spel.ast.BeanReference;
import org.springframework.expression.spel.standard.SpelExpression;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.util.ClassUtils;

/**
 * Keeps what expressions of {@link org.dragonflow.lock.NbLocked} reach by reflection: the
 * parameters of the method, what their properties lead to, the bean itself, and the beans
 * that an expression names.
 */
final class NbLockedAotProcessor implements BeanRegistrationAotProcessor {

	private static final SpelExpressionParser PARSER = new SpelExpressionParser();

	private final AnnotatedMethods annotated = new AnnotatedMethods();

	private final BindingReflectionHintsRegistrar properties = new BindingReflectionHintsRegistrar();

	@Override
	public @Nullable BeanRegistrationAotContribution processAheadOfTime(RegisteredBean bean) {
		Map<Method, Use> methods = new LinkedHashMap<>(this.annotated.of(ClassUtils.getUserClass(bean.getBeanClass())));
		// What a factory makes, such as a data repository.
		methods.putAll(this.annotated.of(ClassUtils.getUserClass(bean.getBeanType().toClass())));
		if (methods.isEmpty()) {
			return null;
		}
		return (generation, code) -> {
			ReflectionHints hints = generation.getRuntimeHints().reflection();
			hints.registerType(InvocationRoot.class, MemberCategory.INVOKE_PUBLIC_METHODS);
			methods.forEach((method, use) -> register(method, use, bean.getBeanFactory(), hints));
		};
	}

	private void register(Method method, Use use, ConfigurableListableBeanFactory beanFactory, ReflectionHints hints) {
		hints.registerMethod(method, ExecutableMode.INVOKE);
		registerMethods(method.getDeclaringClass(), hints);
		for (Class<?> type : method.getParameterTypes()) {
			registerMethods(type, hints);
		}
		for (Type type : method.getGenericParameterTypes()) {
			this.properties.registerReflectionHints(hints, type);
		}
		String text = use.annotation().getString("value");
		try {
			registerBeans(((SpelExpression) PARSER.parseRaw(text)).getAST(), beanFactory, hints);
		}
		catch (ParseException | IllegalStateException ex) {
			// A placeholder whose value is not known yet, or a mistake: that is told when
			// the application starts.
		}
	}

	private static void registerBeans(SpelNode node, ConfigurableListableBeanFactory beanFactory,
			ReflectionHints hints) {
		if (node instanceof BeanReference) {
			String name = node.toStringAST().substring(1).replace("'", "");
			Class<?> type = beanFactory.containsBean(name) ? beanFactory.getType(name, false) : null;
			if (type != null) {
				registerMethods(ClassUtils.getUserClass(type), hints);
			}
		}
		for (int i = 0; i < node.getChildCount(); i++) {
			registerBeans(node.getChild(i), beanFactory, hints);
		}
	}

	private static void registerMethods(Class<?> type, ReflectionHints hints) {
		Class<?> element = type.isArray() ? type.getComponentType() : type;
		if (!element.isPrimitive()) {
			hints.registerType(element, MemberCategory.INVOKE_PUBLIC_METHODS, MemberCategory.ACCESS_PUBLIC_FIELDS);
		}
	}

}
