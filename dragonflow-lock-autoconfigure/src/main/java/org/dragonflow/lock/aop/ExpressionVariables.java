package org.dragonflow.lock.aop;

import java.lang.reflect.Method;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.ParameterNameDiscoverer;
import org.springframework.expression.spel.SpelNode;
import org.springframework.expression.spel.ast.FunctionReference;
import org.springframework.expression.spel.ast.VariableReference;

/**
 * The variables that an expression on a method may use: its parameters, by name and by
 * position.
 */
final class ExpressionVariables {

	private static final ParameterNameDiscoverer NAMES = new DefaultParameterNameDiscoverer();

	private static final Set<String> BUILT_IN = Set.of("root", "this");

	private final Method method;

	private final Map<String, Integer> byName = new LinkedHashMap<>();

	/**
	 * Finds the variables.
	 * @param method the method that is called
	 * @param declared the method that the annotation was found on, whose parameters may
	 * have other names
	 */
	ExpressionVariables(Method method, Method declared) {
		this.method = method;
		addNames(method);
		addNames(declared);
	}

	private void addNames(Method named) {
		@Nullable String @Nullable [] names = NAMES.getParameterNames(named);
		for (int i = 0; names != null && i < names.length; i++) {
			String name = names[i];
			if (name != null) {
				this.byName.putIfAbsent(name, i);
			}
		}
	}

	/**
	 * The variables that a parsed expression uses.
	 * @param expression the root of the expression
	 * @return the position of the parameter for each name
	 * @throws InvalidNbLockedException if one is no parameter: SpEL itself would take it
	 * for null
	 */
	Map<String, Integer> usedBy(SpelNode expression) {
		Map<String, Integer> used = new LinkedHashMap<>();
		collect(expression, used);
		return used;
	}

	private void collect(SpelNode node, Map<String, Integer> used) {
		if (node instanceof VariableReference) {
			String name = node.toStringAST().substring(1);
			if (!BUILT_IN.contains(name)) {
				used.put(name, position(name));
			}
		}
		else if (node instanceof FunctionReference) {
			throw new InvalidNbLockedException(this.method,
					"calls a function that does not exist: " + node.toStringAST(),
					"Call a method of a parameter (#name.method()) or of a bean (@bean.method(#name)) instead.");
		}
		for (int i = 0; i < node.getChildCount(); i++) {
			collect(node.getChild(i), used);
		}
	}

	private int position(String name) {
		Integer position = this.byName.get(name);
		if (position == null) {
			for (int i = 0; i < this.method.getParameterCount(); i++) {
				if (name.equals("a" + i) || name.equals("p" + i)) {
					return i;
				}
			}
			throw new InvalidNbLockedException(this.method,
					"uses the variable #" + name + ", which is no parameter of the method", action());
		}
		return position;
	}

	/**
	 * Whether a parameter has a name.
	 */
	boolean isName(String name) {
		return this.byName.containsKey(name);
	}

	/**
	 * Tells what there is to be used.
	 */
	String action() {
		int count = this.method.getParameterCount();
		if (count == 0) {
			return "The method has no parameters. Give it one, or use #root.target, a bean (@bean) or a literal ('id').";
		}
		Set<String> known = new TreeSet<>();
		this.byName.keySet().forEach((name) -> known.add("#" + name));
		known.add("#a0" + ((count > 1) ? " to #a" + (count - 1) : ""));
		String action = "Use what exists: " + String.join(", ", known) + ", #root.";
		if (this.byName.isEmpty()) {
			action += " The names of the parameters are not known, because the class was compiled without -parameters:"
					+ " add that option to the compiler, or refer to parameters by their position.";
		}
		return action;
	}

}
