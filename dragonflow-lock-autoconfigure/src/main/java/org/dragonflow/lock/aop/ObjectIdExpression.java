package org.dragonflow.lock.aop;

import java.lang.reflect.Method;
import java.util.Map;
import java.util.SortedSet;

import org.jspecify.annotations.Nullable;

import org.springframework.expression.EvaluationException;
import org.springframework.expression.ParseException;
import org.springframework.expression.spel.ast.VariableReference;
import org.springframework.expression.spel.standard.SpelExpression;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.expression.spel.support.StandardEvaluationContext;

/**
 * The expression that yields the ids, parsed once per method.
 */
final class ObjectIdExpression {

	private static final SpelExpressionParser PARSER = new SpelExpressionParser();

	private final Method method;

	private final SpelExpression expression;

	private final Map<String, Integer> variables;

	private final @Nullable Integer onlyArgument;

	private final StandardEvaluationContext shared;

	/**
	 * Parses an expression.
	 * @param text the expression, with its placeholders resolved
	 * @param method the method that is called
	 * @param declared the method that the annotation was found on
	 * @param shared gives bean references, and caches of how to read properties
	 */
	ObjectIdExpression(String text, Method method, Method declared, StandardEvaluationContext shared) {
		this.method = method;
		this.expression = parse(text, method);
		ExpressionVariables known = new ExpressionVariables(method, declared);
		this.variables = known.usedBy(this.expression.getAST());
		RootReferences.check(method, this.expression.getAST(), text, known);
		boolean single = this.expression.getAST() instanceof VariableReference && this.variables.size() == 1;
		this.onlyArgument = single ? this.variables.values().iterator().next() : null;
		this.shared = shared;
	}

	private static SpelExpression parse(String text, Method method) {
		if (text.isBlank()) {
			throw new InvalidNbLockedException(method, "has no expression",
					"Name the object to lock, for example @NbLocked(\"#a0\") for the first parameter.");
		}
		try {
			return PARSER.parseRaw(text);
		}
		catch (ParseException | IllegalStateException ex) {
			throw new InvalidNbLockedException(method,
					"has an expression that is not valid SpEL: '" + text + "' (" + ex.getMessage() + ")",
					"Correct the expression. A parameter is #name, a bean is @name, a literal is 'id'.", ex);
		}
	}

	/**
	 * Yields the ids of one call.
	 * @param target the bean
	 * @param args the arguments
	 * @param prefix what each id starts with
	 * @return the ids, at least one
	 * @throws IllegalArgumentException if there is none, or the expression fails
	 */
	SortedSet<String> evaluate(@Nullable Object target, @Nullable Object[] args, String prefix) {
		Object value;
		try {
			value = (this.onlyArgument != null) ? args[this.onlyArgument] : getValue(target, args);
		}
		catch (EvaluationException ex) {
			throw new IllegalArgumentException(problem() + " fails: " + ex.getMessage(), ex);
		}
		try {
			return ObjectIds.from(value, prefix);
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException(problem() + " yields " + ex.getMessage(), ex);
		}
	}

	private @Nullable Object getValue(@Nullable Object target, @Nullable Object[] args) {
		StandardEvaluationContext context = new StandardEvaluationContext(
				new InvocationRoot(target, this.method, args));
		this.shared.applyDelegatesTo(context);
		this.variables.forEach((name, position) -> context.setVariable(name, args[position]));
		return this.expression.getValue(context);
	}

	private String problem() {
		return "The expression '" + this.expression.getExpressionString() + "' of @NbLocked on "
				+ MethodNames.of(this.method);
	}

}
